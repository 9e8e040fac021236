import { STREAMS, streamName } from "../load/events.ts";
import { type Payload, randomPayload } from "../load/payload.ts";
import { seededRandom } from "../load/random.ts";
import { zipf } from "../load/zipf.ts";

/** An event that is to be appended, and where. */
export interface PoolEntry {
  readonly stream: string;
  readonly payload: Payload;
}

const SEED = 4270;
const ENTRIES = 8192;

/** Events made beforehand, the same in each run; their streams by Zipf's law. */
export function makePool(category = "order"): readonly PoolEntry[] {
  const random = seededRandom(SEED);
  const draw = zipf(STREAMS, random);
  return Array.from({ length: ENTRIES }, () => ({
    stream: streamName(draw(), category),
    payload: randomPayload(random),
  }));
}

/**
 * Hands out the entries of a pool, over and over. A stream has one append on its way at
 * a time, since some stores let only one of two succeed: entries whose stream is busy
 * are passed over.
 */
export class Turns {
  readonly #pool: readonly PoolEntry[];
  readonly #busy = new Set<string>();
  #next = 0;

  constructor(pool: readonly PoolEntry[]) {
    this.#pool = pool;
  }

  /** To be ended when the append is answered. */
  begin(): PoolEntry {
    let entry = this.#advance();
    while (this.#busy.has(entry.stream)) entry = this.#advance();
    this.#busy.add(entry.stream);
    return entry;
  }

  end({ stream }: PoolEntry): void {
    this.#busy.delete(stream);
  }

  #advance(): PoolEntry {
    return this.#pool[this.#next++ % this.#pool.length] as PoolEntry;
  }
}
