import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RecordedEvent, SubscribeRequestSchema, SubscribeResponse } from "@varve/proto";
import { expect, onTestFinished } from "vitest";
import type { StoreClient } from "./client.js";

export type SubscribeInit = MessageInitShape<typeof SubscribeRequestSchema>;
export type Frame = SubscribeResponse["frame"];
export type Kind = NonNullable<Frame["case"]>;
export type FrameOf<K extends Kind> = Extract<Frame, { case: K }>["value"];

/** A subscription that a test takes frame by frame. It is cancelled when the test ends. */
export class Subscription {
  /** The kinds of all frames so far, in order. */
  readonly kinds: Kind[] = [];
  /** All events so far, in order. */
  readonly events: RecordedEvent[] = [];
  /** The last position that a frame has told: where a client would resume after. */
  resumeAfter = -1n;
  readonly #cancel = new AbortController();
  readonly #frames: AsyncIterator<SubscribeResponse>;

  constructor(client: StoreClient, request: SubscribeInit = {}) {
    const call = client.subscribe(request, { signal: this.#cancel.signal });
    this.#frames = call[Symbol.asyncIterator]();
    onTestFinished(() => this.cancel());
  }

  /** The next frame. Throws how the call failed. */
  async next(): Promise<Frame> {
    const { value, done } = await this.#frames.next();
    if (done) throw new Error("the subscription ended without an error");
    const { frame } = value;
    this.kinds.push(frame.case as Kind);
    if (frame.case === "events") this.events.push(...frame.value.events);
    this.#follow(frame);
    return frame;
  }

  /** Each position in a frame must be at or after the one before. */
  #follow(frame: Frame): void {
    for (const position of positionsIn(frame)) {
      expect(position).toBeGreaterThanOrEqual(this.resumeAfter);
      this.resumeAfter = position;
    }
  }

  /** Takes frames up to and including the first of a kind. */
  async until<K extends Kind>(kind: K): Promise<FrameOf<K>> {
    for (;;) {
      const frame = await this.next();
      if (frame.case === kind) return frame.value as FrameOf<K>;
    }
  }

  /** Takes frames until there are at least so many events in all. */
  async untilEvents(count: number): Promise<void> {
    while (this.events.length < count) await this.next();
  }

  /** Takes the rest, and returns what the call failed with. */
  async failure(): Promise<unknown> {
    try {
      for (;;) await this.next();
    } catch (error) {
      return error;
    }
  }

  cancel(): void {
    this.#cancel.abort();
  }
}

function positionsIn({ case: kind, value }: Frame): bigint[] {
  if (kind === "confirmed") return [value.after];
  if (kind === "events") return value.events.map((event) => event.position);
  return value ? [value.position] : [];
}
