import type { History } from "./history.ts";
import { AppendMaker, bytesForData } from "./load/append-maker.ts";
import { Connection } from "./load/connection.ts";
import type { LoadContext } from "./load/context.ts";
import { readOn } from "./load/reader.ts";
import { Recorder } from "./load/recorder.ts";
import { appendByStream } from "./load/streaming-appender.ts";
import { Subscriber } from "./load/subscriber.ts";
import { appendUnary } from "./load/unary-appender.ts";
import type { Random } from "./random.ts";
import type { ReasonName } from "./reasons.ts";

export { readFinalLog } from "./load/final-log.ts";
export { digestOf, toSeen } from "./load/seen-event.ts";

export interface LoadOptions {
  /**
   * HOST:PORT of the server, asked for before each call: it may move. Each connection
   * asks with a number of its own, so that some may take another way than others.
   */
  readonly address: string | ((connection: number) => string);
  /** Where all choices come from. */
  readonly random: Random;
  /** Aborts when the round is interrupted: nothing new is begun, and nothing is waited for. */
  readonly signal?: AbortSignal;
  /**
   * Clients that append, each over its own connection: every second one by `Append`,
   * the others by `AppendStream`. Default: 4.
   */
  readonly appenders?: number;
  /** Appends on their way at a time, for each of them. Default: 6. */
  readonly inFlight?: number;
  /** Clients that read streams and replay the log. Default: 2. */
  readonly readers?: number;
  /** Clients that follow the log. Default: 3. */
  readonly subscribers?: number;
  /**
   * Reasons that calls may fail with, besides conflicts and lost connections. An append that
   * is refused for another one ends the work of the load. Default: none.
   */
  readonly expected?: readonly ReasonName[];
  /** Bytes of an ordinary event's data, at most. Default: 600. */
  readonly dataBytesMax?: number;
  /** Bytes of a large event's data, at most; 16 KiB or more, up to 1 MiB. Default: 200 KiB. */
  readonly largeBytesMax?: number;
  /** A call without an answer, or without a frame, is given up after this time, ms. Default: 15,000. */
  readonly timeoutMs?: number;
}

/** Clients that append, read and subscribe, all at the same time, until they are stopped. */
export interface Load {
  /** Appends acknowledged so far. */
  readonly acknowledged: number;
  /**
   * Resolves when so many appends have been acknowledged, from the start of the load, or
   * when the load is stopped.
   */
  untilAcknowledged(count: number): Promise<void>;
  /**
   * Begins nothing new, waits for what is on its way, and lets subscriptions that are
   * connected come to the end of what was acknowledged. Then the history is complete.
   */
  stop(): Promise<History>;
}

/** A subscription that takes longer to reach a durable position is taken for stuck, ms. */
const SETTLE_MS = 20_000;

/** Starts clients that survive the loss of the server and go on when it is there again. */
export function startLoad(options: LoadOptions): Load {
  return new RunningLoad(options);
}

class RunningLoad implements Load {
  readonly #options: LoadOptions;
  readonly #recorder: Recorder;
  readonly #working = new AbortController();
  readonly #following = new AbortController();
  readonly #connections: Connection[] = [];
  readonly #subscribers: Subscriber[];
  readonly #work: Promise<unknown>;
  readonly #follow: Promise<unknown>;

  constructor(options: LoadOptions) {
    this.#options = options;
    // There is nothing to wait for any more; the checkers will say what it means.
    this.#recorder = new Recorder(options.expected ?? [], () => this.#working.abort());
    options.signal?.addEventListener("abort", () => this.#working.abort());
    const { random, appenders = 4, readers = 2, subscribers = 3 } = options;
    const pool = bytesForData(random);
    this.#subscribers = times(
      subscribers,
      () => new Subscriber(this.#context(this.#following.signal), random.fork()),
    );
    this.#follow = Promise.all(this.#subscribers.map((subscriber) => subscriber.run()));
    this.#work = Promise.all([
      ...times(appenders, (i) => this.#append(i, pool, random.fork())),
      ...times(readers, () => readOn(this.#context(this.#working.signal), random.fork())),
    ]);
    // What fails is thrown by `stop`.
    for (const running of [this.#work, this.#follow]) running.catch(() => this.#working.abort());
  }

  get acknowledged(): number {
    return this.#recorder.acknowledged;
  }

  async untilAcknowledged(count: number): Promise<void> {
    await this.#recorder.untilAcknowledged(count, this.#working.signal);
  }

  async stop(): Promise<History> {
    this.#working.abort();
    try {
      await this.#work;
      const { headMax } = this.#recorder.knowledge;
      await Promise.all(this.#subscribers.map((one) => one.settle(headMax, SETTLE_MS)));
      this.#following.abort();
      await this.#follow;
    } finally {
      this.#following.abort();
      for (const connection of this.#connections) connection[Symbol.dispose]();
    }
    return this.#recorder.history();
  }

  async #append(ordinal: number, pool: Uint8Array, random: Random): Promise<void> {
    const { inFlight = 6, dataBytesMax = 600, largeBytesMax = 200 * 1024 } = this.#options;
    const context = this.#context(this.#working.signal);
    const sizes = { dataBytesMax, largeBytesMax };
    const { knowledge } = this.#recorder;
    const maker = new AppendMaker(context.client, random, knowledge, { sizes, pool });
    if (ordinal % 2 === 1) return appendByStream(context, maker, random, inFlight);
    await Promise.all(times(inFlight, () => appendUnary(context, maker, random)));
  }

  #context(signal: AbortSignal): LoadContext {
    const { address, timeoutMs = 15_000 } = this.#options;
    const client = this.#connections.length;
    const connection = new Connection(
      typeof address === "string" ? () => address : () => address(client),
    );
    this.#connections.push(connection);
    return { client, connection, recorder: this.#recorder, signal, timeoutMs };
  }
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
