import { randomUUID } from "node:crypto";
import { appendRequest, encodeAppend, randomEvent, STREAMS, streamName } from "./events.ts";
import { seededRandom } from "./random.ts";
import { zipf } from "./zipf.ts";

export interface AppendRequestsOptions {
  /** Default: 1. */
  readonly eventsPerAppend?: number;
  /** Each request gets an append id of its own. Default: false. */
  readonly withAppendIds?: boolean;
}

/** Events in all the requests of a pool. */
const POOL_EVENTS = 8192;
const POOL_REQUESTS_MIN = 16;

/** All but the last digits, which count up. */
const APPEND_ID_BEGIN = randomUUID().slice(0, 24);
const SERIAL_DIGITS = 12;

/** Those that were made before, by seed and options. */
const pools = new Map<string, readonly Buffer[]>();
/** Of the next append id: never the same twice in a process. */
let nextSerial = 0;

/**
 * Encoded `AppendRequest`s, made before they are needed, so that a load generator
 * spends nothing on them. They come again after a while; their append ids do not.
 */
export class AppendRequests {
  readonly #pool: readonly Buffer[];
  /** Where the last 12 digits of the append id are; `undefined` without one. */
  readonly #serialAt: number | undefined;
  #next = 0;

  constructor(seed: number, options: AppendRequestsOptions = {}) {
    const { eventsPerAppend = 1, withAppendIds = false } = options;
    const key = [seed, eventsPerAppend, withAppendIds].join();
    this.#pool = pools.get(key) ?? makePool(seed, { eventsPerAppend, withAppendIds });
    pools.set(key, this.#pool);
    const [first] = this.#pool;
    this.#serialAt = withAppendIds ? first?.indexOf(APPEND_ID_BEGIN) : undefined;
  }

  /** To be sent, or copied, before the next is asked for, here or elsewhere. */
  next(): Buffer {
    const request = this.#pool[this.#next++ % this.#pool.length] as Buffer;
    if (this.#serialAt !== undefined) {
      const serial = (nextSerial++).toString(16).padStart(SERIAL_DIGITS, "0");
      request.write(serial, this.#serialAt + APPEND_ID_BEGIN.length, "latin1");
    }
    return request;
  }
}

function makePool(
  seed: number,
  { eventsPerAppend, withAppendIds }: Required<AppendRequestsOptions>,
): readonly Buffer[] {
  const random = seededRandom(seed);
  const draw = zipf(STREAMS, random);
  const appendId = withAppendIds ? APPEND_ID_BEGIN + "0".repeat(SERIAL_DIGITS) : "";
  const size = Math.max(POOL_REQUESTS_MIN, Math.floor(POOL_EVENTS / eventsPerAppend));
  return Array.from({ length: size }, () => {
    const events = Array.from({ length: eventsPerAppend }, () =>
      randomEvent(random, streamName(draw())),
    );
    return encodeAppend(appendRequest(events, appendId));
  });
}
