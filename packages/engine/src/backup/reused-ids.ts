import { fromBinary } from "@bufbuild/protobuf";
import { AppendResponseSchema } from "@varve/proto";
import { KeySpace } from "../format/constants.js";
import { appendIdExpiryKey, keyNumber, prefixEnd } from "../format/keys.js";
import { type Database, readFirst, type Write } from "../log/database.js";
import {
  AppendIds,
  type FirstOutcome,
  readExpiry,
  writeAppendIdExpiry,
} from "../write/append-ids.js";

/**
 * Takes append ids off the lists by which they expire, if they are on any. An id may
 * be used again once it has expired, and an earlier backup still has its first use: the
 * id must not be forgotten together with that. Returns how many were listed.
 */
export async function unlistReused(db: Database, ids: readonly Buffer[]): Promise<number> {
  const outcomes = await new AppendIds(db).load(ids);
  let unlisted = 0;
  for (const [i, outcome] of outcomes.entries()) {
    if (!outcome) continue;
    await unlist(db, ids[i] as Buffer, outcome);
    unlisted++;
  }
  return unlisted;
}

async function unlist(db: Database, id: Buffer, { response }: FirstOutcome): Promise<void> {
  const { lastPosition } = fromBinary(AppendResponseSchema, response);
  // The first list at or after an append is that of its group.
  const gte = appendIdExpiryKey(Number(lastPosition));
  const entry = await readFirst(db, { gte, lt: prefixEnd(KeySpace.appendIdExpiry, "") });
  if (entry) await db.batch([without(id, ...entry)]);
}

function without(id: Buffer, key: Buffer, value: Buffer): Write {
  const { timeMs, ids } = readExpiry(key, value);
  const others = ids.filter((each) => !each.equals(id));
  if (others.length === 0) return { type: "del", key };
  return writeAppendIdExpiry(keyNumber(key), timeMs, others);
}
