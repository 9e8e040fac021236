import type { Block } from "../format/block.js";

/**
 * The newest blocks of the log, in memory: what live subscriptions read, and
 * what new conditions are checked against first.
 */
export class Tail {
  readonly #blocks: Block[] = [];
  #bytes = 0;

  constructor(private readonly bytesMax: number) {}

  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** REQUIRES: `block` follows on the last one pushed. */
  push(block: Block): void {
    this.#blocks.push(block);
    this.#bytes += block.bytes.length;
    while (this.#bytes > this.bytesMax && this.#blocks.length > 1) {
      this.#bytes -= (this.#blocks.shift() as Block).bytes.length;
    }
  }

  /** The blocks that hold the positions from `first` to `last`, unless some are gone. */
  range(first: number, last: number): readonly Block[] | undefined {
    const oldest = this.#blocks[0];
    if (oldest === undefined || first < oldest.firstPosition) return undefined;
    const start = this.#find(first);
    let end = start;
    while (end < this.#blocks.length && (this.#blocks[end] as Block).firstPosition <= last) end++;
    return this.#blocks.slice(start, end);
  }

  /** The block that ends at `lastPosition`, if it is here. */
  get(lastPosition: number): Block | undefined {
    const block = this.#blocks[this.#find(lastPosition)];
    return block?.lastPosition === lastPosition ? block : undefined;
  }

  /** Where the first block is that ends at or after `position`. */
  #find(position: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle] as Block).lastPosition < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
