import { DamagedEntryError, DataCorruptError } from "../errors.js";
import { type Block, followsOn, openBlock } from "../format/block.js";
import { CHAIN_GENESIS, DATABASE_FORMAT } from "../format/constants.js";
import { blockKey, formatKey, keyNumber } from "../format/keys.js";
import { type Database, readChunk, SYNC } from "./database.js";

/** How much of the end of the log is checked when it is opened. */
const CHECKED_BYTES = 4 * 1024 * 1024;
const CHECKED_BLOCKS = 1000;

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
    await db.put(formatKey, Buffer.from(String(DATABASE_FORMAT)), SYNC);
    return;
  }
  // In plain digits, so that every version, past or future, can read it.
  const format = Number(stored.toString());
  if (!Number.isInteger(format)) throw new DamagedEntryError(formatKey);
  if (format !== DATABASE_FORMAT) throw new NewerFormatError(format);
}

/**
 * The last blocks of the log, each checked by itself and against the one before
 * it. Throws DATA_CORRUPT; nothing is repaired.
 */
export async function readVerifiedEnd(db: Database): Promise<readonly Block[]> {
  const range = { gte: blockKey(0), lte: blockKey(Number.MAX_SAFE_INTEGER), reverse: true };
  const entries = await readChunk(db, range, CHECKED_BLOCKS, CHECKED_BYTES);
  const blocks = entries.map(([key, value]) => openBlock(value, keyNumber(key))).reverse();
  const first = blocks[0];
  if (first?.firstPosition === 1) checkFollows(first, 0, CHAIN_GENESIS);
  for (let i = 1; i < blocks.length; i++) {
    const previous = blocks[i - 1] as Block;
    checkFollows(blocks[i] as Block, previous.lastPosition, previous.chain);
  }
  return blocks;
}

function checkFollows(block: Block, previousLast: number, previousChain: Buffer): void {
  if (followsOn(block, previousLast, previousChain)) return;
  throw new DataCorruptError(block.lastPosition, `it does not follow on position ${previousLast}`);
}
