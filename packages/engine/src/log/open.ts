import { DamagedEntryError, DataCorruptError, type StoreError } from "../errors.js";
import { type Block, followsOn, openBlock } from "../format/block.js";
import { CHAIN_GENESIS, DATABASE_FORMAT } from "../format/constants.js";
import { blockKey, formatKey, keyNumber } from "../format/keys.js";
import { type Database, put, readChunk, readFirst, writeDurably } from "./database.js";

/**
 * How much of the end of the log is checked when it is opened: more than what
 * LevelDB has in a log file, which it reads anew at every opening.
 */
const CHECKED_BYTES = 4 * 1024 * 1024;
/** A bound for databases that know none on bytes; smaller blocks than 256 bytes are rare. */
const CHECKED_BLOCKS = CHECKED_BYTES / 256;

/** The database was written by a newer version. */
export class NewerFormatError extends Error {
  override readonly name = "NewerFormatError";

  constructor(readonly found: number) {
    super(
      `the data has format ${found}, this version knows formats up to ${DATABASE_FORMAT}: use a newer version`,
    );
  }
}

/**
 * Checks the format number, or writes it to a database that is new. Throws
 * `NewerFormatError`.
 */
export async function checkFormat(db: Database): Promise<void> {
  const stored = await db.get(formatKey);
  if (stored === undefined) {
    await writeDurably(db, [put(formatKey, Buffer.from(String(DATABASE_FORMAT)))]);
    return;
  }
  // In plain digits, so that every version, past or future, can read it.
  const format = Number(stored.toString());
  if (!Number.isInteger(format)) throw new DamagedEntryError(formatKey);
  if (format !== DATABASE_FORMAT) throw new NewerFormatError(format);
}

/** The end of a log as it was found. */
export interface EndOfLog {
  /** Last position; 0 if there is none. */
  readonly head: number;
  /** The last blocks, each checked by itself and against the one before it. */
  readonly blocks: readonly Block[];
  /** DATA_CORRUPT if they are not what was written; then there are no `blocks`. */
  readonly damage?: StoreError;
  /** The last position before a block that may be of another log. Absent if there is none. */
  readonly trustedTo?: number;
}

const NEWEST_FIRST = {
  gte: blockKey(0),
  lte: blockKey(Number.MAX_SAFE_INTEGER),
  reverse: true,
} as const;

/** Reads and checks the end of the log. Repairs nothing. */
export async function readEnd(db: Database): Promise<EndOfLog> {
  const newest = await readFirst(db, NEWEST_FIRST);
  const head = newest ? keyNumber(newest[0]) : 0;
  try {
    return { head, blocks: await readVerifiedBlocks(db) };
  } catch (error) {
    if (!(error instanceof DataCorruptError)) throw error;
    const trustedTo = error instanceof StrangeBlockError ? { trustedTo: error.previousLast } : {};
    return { head, blocks: [], damage: error, ...trustedTo };
  }
}

async function readVerifiedBlocks(db: Database): Promise<readonly Block[]> {
  const entries = await readChunk(db, NEWEST_FIRST, CHECKED_BLOCKS, CHECKED_BYTES);
  const blocks = entries.map(([key, value]) => openBlock(value, keyNumber(key))).reverse();
  let previous = blocks[0] && (await readBefore(db, blocks[0]));
  for (const block of blocks) {
    checkFollows(block, previous?.lastPosition ?? 0, previous?.chain ?? CHAIN_GENESIS);
    previous = block;
  }
  return blocks;
}

async function readBefore(db: Database, { firstPosition }: Block): Promise<Block | undefined> {
  if (firstPosition === 1) return undefined;
  const bytes = await db.get(blockKey(firstPosition - 1));
  if (!bytes) throw new DataCorruptError(firstPosition - 1, "it is missing");
  return openBlock(bytes, firstPosition - 1);
}

function checkFollows(block: Block, previousLast: number, previousChain: Buffer): void {
  if (!followsOn(block, previousLast, previousChain)) {
    throw new StrangeBlockError(block.lastPosition, previousLast);
  }
}

/** A block that is whole by itself, but does not follow on the one before it. */
class StrangeBlockError extends DataCorruptError {
  constructor(
    lastPosition: number,
    readonly previousLast: number,
  ) {
    super(lastPosition, `it does not follow on position ${previousLast}`);
  }
}
