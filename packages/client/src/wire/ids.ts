import { v5 as uuidV5, v7 as uuidV7 } from "uuid";

/** Random bytes that one id takes. */
const ID_BYTES = 16;

// Fetching random bytes for each id would cost more than all else that an append does.
const pool: Uint8Array<ArrayBuffer> = new Uint8Array(256 * ID_BYTES);
let used: number = pool.length;

let lastMs = 0;
let sequence = 0;

/** A new version 7 UUID, greater than those before it in this process. */
export function newId(): string {
  const random = nextRandom();
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = startOf(random);
  } else {
    sequence += 1;
  }
  return uuidV7({ random, msecs: lastMs, seq: sequence });
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id of an event that has none, in an append that was given one: the same each time,
 * so that the append is the same to the store when it is made again, by whatever process.
 * A version 5 UUID of the event's place in the append, in the append id's name space.
 */
export function eventIdOf(appendId: string, ordinal: number): string {
  // The store refuses such an append; there is nothing to derive from.
  if (!UUID.test(appendId)) return newId();
  return uuidV5(String(ordinal), Buffer.from(appendId.replaceAll("-", ""), "hex"));
}

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.subarray(used - ID_BYTES, used);
}

/** 31 bits of 32: a millisecond is too short to count up through the rest. */
function startOf(random: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = random;
  return ((a & 0x7f) << 24) | (b << 16) | (c << 8) | d;
}
