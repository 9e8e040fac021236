import { create } from "@bufbuild/protobuf";
import {
  type AppendStreamRequest,
  AppendStreamRequestSchema,
  type CorrelatedAppend,
} from "@varve/proto";

type Pulled = IteratorResult<AppendStreamRequest, undefined>;

const DONE: Pulled = { done: true, value: undefined };

/**
 * The input of one `AppendStream` call. The transport pulls the next frame when
 * it has written the one before, so a busy connection makes larger frames.
 */
export class FrameSource implements AsyncIterableIterator<AppendStreamRequest, undefined> {
  readonly #take: () => CorrelatedAppend[];
  #waiting: ((pulled: Pulled) => void) | undefined;
  #flushing = false;
  #finished = false;

  /** `take` removes what is to go into the next frame; nothing if nothing may be sent. */
  constructor(take: () => CorrelatedAppend[]) {
    this.#take = take;
  }

  /** There may be something to send. It goes out at the end of this turn, all in one frame. */
  wake(): void {
    if (this.#waiting === undefined || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  /** Ends the input. The call ends when the server has answered all of it. */
  finish(): void {
    this.#finished = true;
    this.#flush();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Pulled> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#flush();
    });
  }

  /** The transport calls this when it needs no more. */
  return(): Promise<Pulled> {
    this.finish();
    return Promise.resolve(DONE);
  }

  /** The transport calls this when the call has failed. */
  throw(): Promise<Pulled> {
    return this.return();
  }

  #flush(): void {
    this.#flushing = false;
    const resolve = this.#waiting;
    if (resolve === undefined) return;
    const pulled = this.#finished ? DONE : this.#nextFrame();
    if (pulled === undefined) return;
    this.#waiting = undefined;
    resolve(pulled);
  }

  #nextFrame(): Pulled | undefined {
    const appends = this.#take();
    if (appends.length === 0) return undefined;
    return { done: false, value: create(AppendStreamRequestSchema, { appends }) };
  }
}
