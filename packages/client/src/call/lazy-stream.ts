import type { RecordedEvent } from "../types.js";
import type { ServerStream } from "./server-stream.js";

/** How to get a header and events out of the frames of an answer. */
export interface Answer<Frame, Header> {
  open(): Promise<ServerStream<Frame>>;
  readHeader(stream: ServerStream<Frame>): Promise<Header>;
  batches(stream: ServerStream<Frame>, header: Header): AsyncIterable<readonly RecordedEvent[]>;
}

interface Opened<Frame, Header> {
  readonly stream: ServerStream<Frame>;
  readonly header: Header;
}

/**
 * A header and events, from a call that is made when either is asked for.
 * What a read and a replay have in common.
 */
export class LazyStream<Frame, Header> implements AsyncIterable<RecordedEvent> {
  readonly #answer: Answer<Frame, Header>;
  #opened: Promise<Opened<Frame, Header>> | undefined;
  #header: Promise<Header> | undefined;
  #iterated = false;

  constructor(answer: Answer<Frame, Header>) {
    this.#answer = answer;
  }

  /** Starts the call. */
  get header(): Promise<Header> {
    this.#header ??= quiet(this.#start().then(({ header }) => header));
    return this.#header;
  }

  /** Starts the call, unless the header did. */
  [Symbol.asyncIterator](): AsyncGenerator<RecordedEvent, void, undefined> {
    if (this.#iterated) throw new TypeError("An answer can be iterated once");
    this.#iterated = true;
    return this.#events();
  }

  #start(): Promise<Opened<Frame, Header>> {
    this.#opened ??= quiet(this.#open());
    return this.#opened;
  }

  async #open(): Promise<Opened<Frame, Header>> {
    const stream = await this.#answer.open();
    try {
      return { stream, header: await this.#answer.readHeader(stream) };
    } catch (failure) {
      stream.end();
      throw failure;
    }
  }

  async *#events(): AsyncGenerator<RecordedEvent, void, undefined> {
    const { stream, header } = await this.#start();
    try {
      for await (const batch of this.#answer.batches(stream, header)) {
        for (const event of batch) {
          stream.check();
          yield event;
        }
      }
    } finally {
      stream.end();
    }
  }
}

/** Nobody need look at the header: its rejection must not end the process. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
