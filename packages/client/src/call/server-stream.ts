import type { CallOptions } from "@connectrpc/connect";
import { VarveError } from "../errors.js";
import type { RetryPolicy } from "../options.js";
import type { Call } from "./call.js";
import { withRetry } from "./retry.js";

/** The frames of a finite answer, from the first one that has come. */
export class ServerStream<Frame> {
  readonly #call: Call;
  readonly #frames: AsyncIterator<Frame>;
  #early: Frame | undefined;

  constructor(call: Call, first: Frame, frames: AsyncIterator<Frame>) {
    this.#call = call;
    this.#early = first;
    this.#frames = frames;
  }

  /**
   * The next frame, `undefined` at the end. Rejects with what the caller is to be told,
   * also if the server is silent for as long as the call may wait.
   */
  async next(): Promise<Frame | undefined> {
    this.#call.check();
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) return early;
    this.#call.waits();
    try {
      const { done, value } = await this.#frames.next();
      this.#call.heard();
      return done === true ? undefined : value;
    } catch (reason) {
      throw this.#call.failure(reason);
    }
  }

  /** Gives a frame back: `next` returns it again. */
  unread(frame: Frame | undefined): void {
    this.#early = frame;
  }
}

/** Opens a server stream, with retries up to its first frame and none after it. */
export function openStream<Frame>(
  retry: RetryPolicy,
  call: Call,
  attempt: (options: CallOptions) => AsyncIterable<Frame>,
): Promise<ServerStream<Frame>> {
  return withRetry(retry, call, async () => {
    const frames = attempt({ signal: call.signal })[Symbol.asyncIterator]();
    const { done, value } = await frames.next();
    if (done === true) throw emptyAnswer();
    return new ServerStream(call, value, frames);
  });
}

function emptyAnswer(): VarveError {
  return new VarveError("The server ended its answer before it began", {
    code: "INTERNAL",
    reason: "UNKNOWN",
  });
}
