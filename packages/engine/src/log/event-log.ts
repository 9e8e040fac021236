import { LRUCache } from "lru-cache";
import { DataCorruptError, type StoreError } from "../errors.js";
import { type Block, openBlock } from "../format/block.js";
import { CHAIN_GENESIS } from "../format/constants.js";
import { blockKey, keyNumber } from "../format/keys.js";
import { type Database, readChunk, readFirst } from "./database.js";
import { readEnd } from "./open.js";
import { Tail } from "./tail.js";

export interface EventLogOptions {
  /** Bytes of newest blocks that are kept in memory. Default: 8 MiB. */
  readonly tailBytesMax?: number;
  /** Bytes of other blocks that are kept once read. Default: 32 MiB. */
  readonly cacheBytesMax?: number;
  /** Told where the head is whenever it has moved. */
  readonly onMoved?: (head: number) => void;
}

/** Positions, both inclusive. Empty if `first` is greater than `last`. */
export interface PositionRange {
  readonly first: number;
  readonly last: number;
}

/** Blocks have a cache of their own: LevelDB's is for the index. */
const KEPT_HERE: object = { fillCache: false };
const CHUNK_BLOCKS_MAX = 1000;
/** What a slow reader holds on to besides its frames: blocks may be gone from memory otherwise. */
const CHUNK_BYTES_MAX = 512 * 1024;

/**
 * The log of one workspace: blocks in the order of their positions. Readers see
 * nothing beyond `head`; only the writer moves it.
 */
export class EventLog {
  readonly tail: Tail;
  readonly #cache: LRUCache<number, Block>;
  /** What follows may be of another log, and is not served, though its checksums match. */
  readonly #trustedTo: number;
  #head = 0;
  #chain: Buffer = CHAIN_GENESIS;
  #timeMs = 0;
  #closedBecause: StoreError | undefined;

  private constructor(
    readonly db: Database,
    /** What is wrong with the end of the log: nothing may be appended to it. */
    readonly damage: StoreError | undefined,
    trustedTo: number | undefined,
    private readonly options: EventLogOptions,
  ) {
    this.#trustedTo = trustedTo ?? Number.POSITIVE_INFINITY;
    this.tail = new Tail(options.tailBytesMax ?? 8 * 1024 * 1024);
    this.#cache = new LRUCache({
      maxSize: options.cacheBytesMax ?? 32 * 1024 * 1024,
      sizeCalculation: (block) => block.bytes.length,
    });
  }

  /** Finds the head and checks the end of the log. */
  static async open(db: Database, options: EventLogOptions = {}): Promise<EventLog> {
    const { head, blocks, damage, trustedTo } = await readEnd(db);
    const log = new EventLog(db, damage, trustedTo, options);
    for (const block of blocks) log.#advance(block);
    if (damage) log.#readOnly(head);
    return log;
  }

  /** Last durable position; 0 if there is none. */
  get head(): number {
    return this.#head;
  }

  /** Chain value of the last durable block. */
  get chain(): Buffer {
    return this.#chain;
  }

  /** Time of the last durable block, in ms since 1970; 0 if there is none. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** Why the log is closed, if it is. */
  get closedBecause(): StoreError | undefined {
    return this.#closedBecause;
  }

  /** Ends backups, with an error that says why. */
  close(because: StoreError): void {
    this.#closedBecause ??= because;
  }

  /** Makes durable blocks visible. REQUIRES: they follow on the head. */
  publish(blocks: readonly Block[]): void {
    for (const block of blocks) this.#advance(block);
    this.options.onMoved?.(this.#head);
  }

  /** The blocks that hold these positions. Throws DATA_CORRUPT at damage or a gap. */
  async *blocks(range: PositionRange, backwards = false): AsyncGenerator<Block> {
    let { first, last } = range;
    if (last > this.#head) throw new RangeError(`${last} is beyond the head`);
    let before: Block | undefined;
    while (first <= last) {
      const chunk = await this.#chunk(first, last, backwards);
      for (const block of chunk) {
        const next = backwards ? last : first;
        const holdsNext = block.firstPosition <= next && block.lastPosition >= next;
        if (!holdsNext) throw new DataCorruptError(next, "it is missing");
        if (before && !areAdjacent(before, block, backwards)) {
          throw new DataCorruptError(block.lastPosition, "it overlaps another");
        }
        yield this.#trusted(block);
        before = block;
        if (backwards) last = block.firstPosition - 1;
        else first = block.lastPosition + 1;
      }
    }
  }

  /** The block that ends at this position. Throws DATA_CORRUPT. */
  async block(lastPosition: number): Promise<Block> {
    const known = this.tail.get(lastPosition) ?? this.#cache.get(lastPosition);
    if (known) return known;
    const bytes = await this.db.get(blockKey(lastPosition), KEPT_HERE);
    if (!bytes) throw new DataCorruptError(lastPosition, "it is missing");
    const block = this.#trusted(openBlock(bytes, lastPosition));
    this.#cache.set(lastPosition, block);
    return block;
  }

  /** The block that holds a position. REQUIRES: 1 ≤ position ≤ head. */
  async blockWith(position: number): Promise<Block> {
    const recent = this.tail.range(position, position)?.[0];
    if (recent) return recent;
    const entry = await readFirst(this.db, rangeOf(position, this.#head));
    if (!entry) throw new DataCorruptError(position, "it is missing");
    return this.#trusted(openBlock(entry[1], keyNumber(entry[0])));
  }

  /** The last position recorded at or before a time; 0 if there is none. */
  async positionAsOf(timeMs: number): Promise<number> {
    if (timeMs >= this.#timeMs) return this.#head;
    // Invariant: everything up to `low` is at or before the time, `high` is after it.
    let low = 0;
    let high = this.#head;
    while (low < high) {
      const block = await this.blockWith(Math.ceil((low + 1 + high) / 2));
      if (block.timeMs <= timeMs) low = block.lastPosition;
      else high = block.firstPosition - 1;
    }
    return low;
  }

  #trusted(block: Block): Block {
    if (this.damage && block.lastPosition > this.#trustedTo) throw this.damage;
    return block;
  }

  /** Each read finds out by itself what can be served, up to a head without a known time. */
  #readOnly(head: number): void {
    this.#head = head;
    this.#timeMs = Number.POSITIVE_INFINITY;
  }

  #advance(block: Block): void {
    this.tail.push(block);
    this.#head = block.lastPosition;
    this.#chain = block.chain;
    this.#timeMs = block.timeMs;
  }

  /** Some blocks from one end of the range; never none. */
  async #chunk(first: number, last: number, backwards: boolean): Promise<readonly Block[]> {
    const recent = this.tail.range(first, last);
    if (recent) return firstOf(backwards ? recent.toReversed() : recent, CHUNK_BYTES_MAX);
    // Blocks are keyed by where they end: one that ends beyond the range, but
    // begins in it, comes last, or first of all when reading backwards.
    if (backwards) return this.#chunkBackwards(first, last);
    const range = rangeOf(first, last);
    const entries = await readChunk(this.db, range, CHUNK_BLOCKS_MAX, CHUNK_BYTES_MAX);
    return entries.length > 0 ? openAll(entries) : [await this.blockWith(last)];
  }

  async #chunkBackwards(first: number, last: number): Promise<readonly Block[]> {
    const range = { ...rangeOf(first, last), reverse: true };
    const blocks = openAll(await readChunk(this.db, range, CHUNK_BLOCKS_MAX, CHUNK_BYTES_MAX));
    return blocks[0]?.lastPosition === last ? blocks : [await this.blockWith(last), ...blocks];
  }
}

function areAdjacent(before: Block, block: Block, backwards: boolean): boolean {
  const [older, newer] = backwards ? [block, before] : [before, block];
  return newer.firstPosition === older.lastPosition + 1;
}

/** As many as have together no more than so many bytes, and at least one. */
function firstOf(blocks: readonly Block[], bytesMax: number): readonly Block[] {
  let bytes = 0;
  const end = blocks.findIndex((block, i) => {
    bytes += block.bytes.length;
    return i > 0 && bytes > bytesMax;
  });
  return end < 0 ? blocks : blocks.slice(0, end);
}

function openAll(entries: readonly [Buffer, Buffer][]): Block[] {
  return entries.map(([key, value]) => openBlock(value, keyNumber(key)));
}

function rangeOf(first: number, last: number): { gte: Buffer; lte: Buffer } {
  return { gte: blockKey(first), lte: blockKey(last) };
}
