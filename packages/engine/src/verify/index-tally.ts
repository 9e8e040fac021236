/** As many sums tell where in the log the index differs, without a lookup for each entry. */
const PARTS = 4096;

/**
 * Compares what blocks demand of the index with what the index holds, by sums
 * over parts of the log. Where they differ is found by looking closer.
 */
export class IndexTally {
  /** Positions of a part. */
  readonly #width: number;
  readonly #demanded = new Float64Array(PARTS);
  readonly #found = new Float64Array(PARTS);
  /** Of hashes, modulo 2^32: those demanded less those found. */
  readonly #difference = new Int32Array(PARTS);

  constructor(head: number) {
    this.#width = Math.max(1, Math.ceil(head / PARTS));
  }

  /** An entry that the block which ends at `blockLast` demands. */
  demand(blockLast: number, checksum: number): void {
    const part = this.#partOf(blockLast);
    this.#demanded[part] = (this.#demanded[part] as number) + 1;
    this.#difference[part] = (this.#difference[part] as number) + mix(checksum);
  }

  /** An entry of the index that names the block which ends at `blockLast`. */
  find(blockLast: number, checksum: number): void {
    const part = this.#partOf(blockLast);
    this.#found[part] = (this.#found[part] as number) + 1;
    this.#difference[part] = (this.#difference[part] as number) - mix(checksum);
  }

  /** Whether the part that holds a position differs. */
  differsAt(position: number): boolean {
    return this.#differs(this.#partOf(position));
  }

  /** The parts that differ, as positions, both inclusive. */
  *differing(): Generator<{ readonly first: number; readonly last: number }> {
    for (let part = 0; part < PARTS; part++) {
      if (!this.#differs(part)) continue;
      yield { first: part * this.#width + 1, last: (part + 1) * this.#width };
    }
  }

  #differs(part: number): boolean {
    return this.#demanded[part] !== this.#found[part] || this.#difference[part] !== 0;
  }

  #partOf(position: number): number {
    return Math.min(Math.floor((position - 1) / this.#width), PARTS - 1);
  }
}

/** Two checksums that differ in few bits make sums that differ in many. */
function mix(checksum: number): number {
  let hash = checksum;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
