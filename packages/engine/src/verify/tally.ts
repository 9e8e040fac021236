/**
 * Compares two sets by sums over parts of them, without a lookup for each member.
 * Where the sums differ is found by looking closer.
 */
export class Tally {
  readonly #demanded: Float64Array;
  readonly #found: Float64Array;
  /** Of hashes, modulo 2^32: those demanded less those found. */
  readonly #difference: Int32Array;

  constructor(readonly parts: number) {
    this.#demanded = new Float64Array(parts);
    this.#found = new Float64Array(parts);
    this.#difference = new Int32Array(parts);
  }

  /** A member that must be there. `checksum` tells it from others of its part. */
  demand(part: number, checksum: number): void {
    this.#demanded[part] = (this.#demanded[part] as number) + 1;
    this.#difference[part] = (this.#difference[part] as number) + mix(checksum);
  }

  /** A member that is there. */
  find(part: number, checksum: number): void {
    this.#found[part] = (this.#found[part] as number) + 1;
    this.#difference[part] = (this.#difference[part] as number) - mix(checksum);
  }

  differs(part: number): boolean {
    return this.#demanded[part] !== this.#found[part] || this.#difference[part] !== 0;
  }

  /** The parts that differ. */
  *differing(): Generator<number> {
    for (let part = 0; part < this.parts; part++) if (this.differs(part)) yield part;
  }
}

/** Two checksums that differ in few bits make sums that differ in many. */
function mix(checksum: number): number {
  let hash = checksum;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
