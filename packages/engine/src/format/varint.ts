/** Base-128 varints as protobuf has them, for whole numbers from 0 to 2^53 - 1. */

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

/** Writes `value` at `at` and returns the place after it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest >= 0x80) {
    target[next++] = (rest % 0x80) | 0x80;
    // Shifting is faster but cuts at 32 bits.
    rest = rest > 0x7fffffff ? Math.floor(rest / 0x80) : rest >>> 7;
  }
  target[next++] = rest;
  return next;
}

/** A place in a run of bytes that varints are read from, one after the other. */
export class VarintReader {
  at: number;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
  ) {
    this.at = start;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Throws `RangeError` if the bytes end inside the number, or it exceeds 2^53 - 1. */
  next(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value;
      scale *= 0x80;
    }
    throw new RangeError("varint is cut off or too large");
  }
}
