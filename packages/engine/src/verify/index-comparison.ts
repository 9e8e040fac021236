import { LRUCache } from "lru-cache";
import { openBlock } from "../format/block.js";
import { KeySpace } from "../format/constants.js";
import { blockKey, keyNumber } from "../format/keys.js";
import type { Put } from "../log/database.js";
import type { DatabaseView, Entry } from "./database-view.js";
import { type Findings, isNamedKey, isNumberedKey, placeOf } from "./finding.js";
import { type IndexEntry, readIndexEntry } from "./index-check.js";
import type { IndexTally } from "./index-tally.js";
import { indexWrites } from "./log-check.js";
import type { UnknownPositions } from "./unknown-positions.js";

/** Blocks whose entries are known at a time. Entries of one term follow the log. */
const BLOCKS_KEPT = 64;

/** The entries that a block demands: their values, by their keys in hexadecimal. */
type Demanded = ReadonlyMap<string, Buffer>;

/**
 * Names the entries that make the index differ from the log, where the sums of
 * `IndexTally` say that it does. Reads those parts of the log anew.
 */
export class IndexComparison {
  readonly #kept = new LRUCache<number, Demanded>({ max: BLOCKS_KEPT });

  constructor(
    private readonly view: DatabaseView,
    private readonly findings: Findings,
    private readonly tally: IndexTally,
    private readonly unknown: UnknownPositions,
  ) {}

  /** Yields now and then, so that findings can be taken. */
  async *run(): AsyncGenerator<void> {
    let differs = false;
    for (const { first, last } of this.tally.differing()) {
      differs = true;
      for await (const blocks of this.view.walk({ gte: blockKey(first), lte: blockKey(last) })) {
        for (const block of blocks) await this.#findMissing(block);
        yield;
      }
    }
    if (!differs) return;
    for (const space of [KeySpace.category, KeySpace.tag, KeySpace.stream, KeySpace.type]) {
      const range = { gte: Buffer.of(space), lt: Buffer.of(space + 1) };
      for await (const entries of this.view.walk(range)) {
        for (const entry of entries) await this.#findUnaccounted(entry);
        yield;
      }
    }
  }

  async #findMissing([key, value]: Entry): Promise<void> {
    if (!isNumberedKey(key)) return;
    const position = keyNumber(key);
    const demanded = demandedBy(value, position);
    const values = await this.view.getMany(demanded.map((write) => write.key));
    for (const [i, write] of demanded.entries()) {
      this.#compare(position, write, values[i]);
    }
  }

  #compare(position: number, { key, value }: Put, found: Buffer | undefined): void {
    if (found?.equals(value)) return;
    const place = { position, ...placeOf(key) };
    if (!found) {
      const message = `the index lacks an entry of the block that ends at position ${position}`;
      this.findings.add({ kind: "entry-missing", message, ...place });
      // One that is damaged by itself has been named.
    } else if (readable(key, found)) {
      const message = `an entry of the index says something else than the block that ends at position ${position}`;
      this.findings.add({ kind: "entry-wrong", message, ...place });
    }
  }

  async #findUnaccounted([key, value]: Entry): Promise<void> {
    const entry = isNamedKey(key) ? readable(key, value) : undefined;
    if (!entry || !this.#isSuspect(entry.blockLast)) return;
    const demanded = await this.#demandedBy(entry.blockLast);
    if (demanded.has(key.toString("hex"))) return;
    const message = `nothing at position ${entry.blockLast} accounts for an entry of the index`;
    const place = { position: entry.blockLast, ...placeOf(key) };
    this.findings.add({ kind: "entry-unaccounted", message, ...place });
  }

  #isSuspect(blockLast: number): boolean {
    return blockLast >= 1 && this.tally.differsAt(blockLast) && !this.unknown.has(blockLast);
  }

  async #demandedBy(position: number): Promise<Demanded> {
    const kept = this.#kept.get(position);
    if (kept) return kept;
    const [value] = await this.view.getMany([blockKey(position)]);
    const writes = value ? demandedBy(value, position) : [];
    const demanded = new Map(writes.map((write) => [write.key.toString("hex"), write.value]));
    this.#kept.set(position, demanded);
    return demanded;
  }
}

/** Nothing, if the block is damaged. */
function demandedBy(value: Buffer, lastPosition: number): readonly Put[] {
  try {
    return indexWrites(openBlock(value, lastPosition));
  } catch {
    return [];
  }
}

function readable(key: Buffer, value: Buffer): IndexEntry | undefined {
  try {
    return readIndexEntry(key, value);
  } catch {
    return undefined;
  }
}
