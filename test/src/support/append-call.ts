import type { AppendResponse, AppendStreamResponse } from "@varve/proto";
import { onTestFinished } from "vitest";
import type { StoreClient } from "./client.js";
import { type Failed, fromFailure } from "./failure.js";
import type { AppendInit } from "./requests.js";

export interface Numbered {
  readonly correlation: bigint;
  readonly append: AppendInit;
}

/** How one append of the call ended: one of the two is there. */
export interface Outcome {
  readonly correlation: bigint;
  readonly success?: AppendResponse;
  readonly failure?: Failed;
}

/** An `AppendStream` call that a test drives frame by frame. It is cancelled when the test ends. */
export class AppendCall {
  readonly #requests = new FrameQueue();
  readonly #cancel = new AbortController();
  readonly #responses: AsyncIterator<AppendStreamResponse>;
  readonly #received: Outcome[] = [];

  constructor(client: StoreClient) {
    const call = client.appendStream(this.#requests.frames(), { signal: this.#cancel.signal });
    this.#responses = call[Symbol.asyncIterator]();
    onTestFinished(() => this.cancel());
  }

  /** Sends one frame. */
  send(...appends: Numbered[]): void {
    this.#requests.push({ appends });
  }

  /** Closes the sending half. */
  end(): void {
    this.#requests.push(undefined);
  }

  /** The next outcomes, in order of arrival. */
  async outcomes(count: number): Promise<Outcome[]> {
    while (this.#received.length < count) {
      if (!(await this.#receive())) throw new Error("the call ended before all was answered");
    }
    return this.#received.splice(0, count);
  }

  /** All outcomes to the end of the call. Throws how the call failed. */
  async rest(): Promise<Outcome[]> {
    while (await this.#receive());
    return this.#received.splice(0);
  }

  /** Outcomes that have arrived and were not yet asked for. */
  arrived(): Outcome[] {
    return this.#received.splice(0);
  }

  cancel(): void {
    this.#cancel.abort();
    this.end();
  }

  /** False at the end of the call. */
  async #receive(): Promise<boolean> {
    const { value, done } = await this.#responses.next();
    if (done) return false;
    for (const { correlation, outcome } of value.outcomes) {
      if (outcome.case === "success") this.#received.push({ correlation, success: outcome.value });
      else if (outcome.case === "failure") {
        this.#received.push({ correlation, failure: fromFailure(outcome.value) });
      } else throw new Error("an outcome is empty");
    }
    return true;
  }
}

type AppendFrame = { appends: Numbered[] };

/** Frames on their way to the call; `undefined` ends them. */
class FrameQueue {
  readonly #queue: (AppendFrame | undefined)[] = [];
  #wake: (() => void) | undefined;

  push(frame: AppendFrame | undefined): void {
    this.#queue.push(frame);
    this.#wake?.();
  }

  async *frames(): AsyncGenerator<AppendFrame> {
    for (;;) {
      while (this.#queue.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const frame = this.#queue.shift();
      if (!frame) return;
      yield frame;
    }
  }
}
