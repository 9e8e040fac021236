import { Tally } from "./tally.js";

const PARTS = 4096;

/** Compares what blocks demand of the index with what the index holds, by parts of the log. */
export class IndexTally {
  readonly #tally = new Tally(PARTS);
  /** Positions of a part. */
  readonly #width: number;

  constructor(head: number) {
    this.#width = Math.max(1, Math.ceil(head / PARTS));
  }

  /** An entry that the block which ends at `blockLast` demands. */
  demand(blockLast: number, checksum: number): void {
    this.#tally.demand(this.#partOf(blockLast), checksum);
  }

  /** An entry of the index that names the block which ends at `blockLast`. */
  find(blockLast: number, checksum: number): void {
    this.#tally.find(this.#partOf(blockLast), checksum);
  }

  /** Whether the part that holds a position differs. */
  differsAt(position: number): boolean {
    return this.#tally.differs(this.#partOf(position));
  }

  /** The parts that differ, as positions, both inclusive. */
  *differing(): Generator<{ readonly first: number; readonly last: number }> {
    for (const part of this.#tally.differing()) {
      yield { first: part * this.#width + 1, last: (part + 1) * this.#width };
    }
  }

  #partOf(position: number): number {
    return Math.min(Math.floor((position - 1) / this.#width), PARTS - 1);
  }
}
