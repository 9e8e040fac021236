import type { CallOptions } from "@connectrpc/connect";
import type { Call, CallTerms } from "./call.js";
import type { CallPolicy } from "./connection.js";
import { type BatchSource, Iteration } from "./iteration.js";
import { openStream, type ServerStream } from "./server-stream.js";

/** How to get a header and items out of the frames of an answer. */
export interface Answer<Frame, Header, Item> {
  open(options: CallOptions): AsyncIterable<Frame>;
  readHeader(stream: ServerStream<Frame>): Promise<Header>;
  /** The next items, which may be none; `undefined` at the end. */
  readItems(stream: ServerStream<Frame>, header: Header): Promise<readonly Item[] | undefined>;
}

interface Opened<Frame, Header> {
  readonly stream: ServerStream<Frame>;
  readonly header: Header;
}

/**
 * A header and items, from a call that is made when either is asked for. What a read,
 * a replay and a backup have in common.
 */
export class LazyStream<Frame, Header, Item> implements AsyncIterable<Item> {
  readonly #policy: CallPolicy;
  readonly #terms: CallTerms;
  readonly #answer: Answer<Frame, Header, Item>;
  #call: Call | undefined;
  #opened: Promise<Opened<Frame, Header>> | undefined;
  #header: Promise<Header> | undefined;
  #iteration: Iteration<Item> | undefined;

  constructor(policy: CallPolicy, terms: CallTerms, answer: Answer<Frame, Header, Item>) {
    this.#policy = policy;
    this.#terms = terms;
    this.#answer = answer;
  }

  /** Starts the call. */
  get header(): Promise<Header> {
    this.#header ??= quiet(this.#start().then(({ header }) => header));
    return this.#header;
  }

  /** The call starts with the first item that is asked for, unless the header started it. */
  [Symbol.asyncIterator](): Iteration<Item> {
    if (this.#iteration) throw new TypeError("An answer can be iterated once");
    const source: BatchSource<Item> = {
      next: async () => {
        const { stream, header } = await this.#start();
        return this.#answer.readItems(stream, header);
      },
      end: () => this.#call?.end(),
    };
    this.#iteration = new Iteration(source);
    return this.#iteration;
  }

  #start(): Promise<Opened<Frame, Header>> {
    this.#opened ??= quiet(this.#open());
    return this.#opened;
  }

  async #open(): Promise<Opened<Frame, Header>> {
    const call = this.#policy.calls.begin(this.#terms);
    this.#call = call;
    // What is left of a batch is not handed out once the call is cancelled.
    call.signal.addEventListener("abort", () => this.#iteration?.interrupt(), { once: true });
    try {
      const stream = await openStream(this.#policy.retry, call, (options) =>
        this.#answer.open(options),
      );
      return { stream, header: await this.#answer.readHeader(stream) };
    } catch (failure) {
      call.end();
      throw failure;
    }
  }
}

/** Nobody need look at the header: its rejection must not end the process. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
