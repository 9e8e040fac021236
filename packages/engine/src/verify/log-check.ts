import { type Block, followsOn, openBlock } from "../format/block.js";
import { CHAIN_GENESIS } from "../format/constants.js";
import { keyNumber } from "../format/keys.js";
import type { Put } from "../log/database.js";
import { blockWrites } from "../write/blocks.js";
import { type Findings, isNumberedKey, placeOf } from "./finding.js";
import type { IndexTally } from "./index-tally.js";
import { findWrongEvent } from "./recorded-place.js";
import type { UnknownPositions } from "./unknown-positions.js";

/** Checks the blocks of a log, given in the order of their keys. */
export class LogCheck {
  #last = 0;
  #timeMs = 0;
  /** Unknown after a block that is damaged or missing. */
  #chain: Buffer | undefined = CHAIN_GENESIS;
  #blocks = 0;
  #events = 0;

  constructor(
    private readonly findings: Findings,
    private readonly tally: IndexTally,
    private readonly unknown: UnknownPositions,
  ) {}

  /** The last position that has been checked. */
  get position(): number {
    return this.#last;
  }

  get blocks(): number {
    return this.#blocks;
  }

  get events(): number {
    return this.#events;
  }

  /** Of the last block; `undefined` if that is damaged. */
  get chain(): Buffer | undefined {
    return this.#chain;
  }

  look(key: Buffer, value: Buffer): void {
    if (!isNumberedKey(key)) {
      const message = "a key of the log's blocks has another form";
      this.findings.add({ kind: "key-unknown", message, ...placeOf(key) });
      return;
    }
    const last = keyNumber(key);
    try {
      const block = openBlock(value, last);
      const demanded = indexWrites(block);
      this.#checkPlace(block);
      this.#checkEvents(block);
      for (const { value } of demanded) this.tally.demand(last, value.readUInt32BE(0));
      this.#advance(last, block.chain);
    } catch (error) {
      this.#damaged(last, error);
    }
  }

  #checkPlace(block: Block): void {
    const { firstPosition, lastPosition: position, timeMs } = block;
    const missing = firstPosition - this.#last - 1;
    if (missing > 0) {
      const first = this.#last + 1;
      const message = `no block holds the positions ${first} to ${firstPosition - 1}`;
      this.findings.add({ kind: "block-missing", position: first, message });
      this.unknown.add(first, firstPosition - 1);
    } else if (missing < 0) {
      this.#misplaced(
        position,
        `it begins at ${firstPosition}, the one before ends at ${this.#last}`,
      );
    } else if (this.#chain && !followsOn(block, this.#last, this.#chain)) {
      this.#misplaced(position, "its chain value does not follow on the block before");
    }
    if (timeMs < this.#timeMs)
      this.#misplaced(position, "its time is before that of the block before");
    this.#timeMs = Math.max(this.#timeMs, timeMs);
    this.#blocks++;
    this.#events += block.count;
  }

  #misplaced(position: number, what: string): void {
    const message = `the block that ends at position ${position} is out of order: ${what}`;
    this.findings.add({ kind: "block-order", position, message });
  }

  #checkEvents(block: Block): void {
    const wrong = findWrongEvent(block);
    if (wrong) this.findings.add({ kind: "event-damaged", ...wrong });
  }

  #damaged(last: number, error: unknown): void {
    const message = (error as Error).message;
    this.findings.add({ kind: "block-damaged", position: last, message });
    this.unknown.add(this.#last + 1, last);
    this.#advance(last, undefined);
  }

  #advance(last: number, chain: Buffer | undefined): void {
    this.#last = last;
    this.#chain = chain;
  }
}

/** The entries that a block demands of the index. Throws if its events do not decode. */
export function indexWrites(block: Block): Put[] {
  return blockWrites(block).slice(1);
}
