import type { AbstractLevel, AbstractSnapshot } from "abstract-level";
import { checkedValue } from "../format/checked-value.js";

/** Any LevelDB-like store with keys and values of bytes: classic-level, memory-level … */
export type Database = AbstractLevel<string | Buffer | Uint8Array, Buffer, Buffer>;

/** What a database is opened with. */
export const databaseEncoding = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;

export interface Put {
  readonly type: "put";
  readonly key: Buffer;
  readonly value: Buffer;
}

/** One write of a batch. */
export type Write = Put | { readonly type: "del"; readonly key: Buffer };

export function put(key: Buffer, value: Buffer): Put {
  return { type: "put", key, value };
}

/** Any entry that is not a block, which has a checksum of its own. */
export function putChecked(key: Buffer, ...content: readonly Uint8Array[]): Put {
  return put(key, checkedValue(key, ...content));
}

/** Makes all of the writes durable, or none; answered after a sync. */
export async function writeDurably(db: Database, writes: readonly Write[]): Promise<void> {
  // One by one: to take an array apart costs LevelDB's binding three times as much.
  const batch = db.batch();
  for (const write of writes) {
    if (write.type === "put") batch.put(write.key, write.value);
    else batch.del(write.key);
  }
  await batch.write(SYNC);
}

/** Not every implementation knows the option; for those there is nothing to sync. */
const SYNC: object = { sync: true };

export interface KeyRange {
  readonly gte?: Buffer;
  readonly gt?: Buffer;
  readonly lte?: Buffer;
  readonly lt?: Buffer;
  readonly reverse?: boolean;
  /** Whether LevelDB keeps in memory what it reads, for who looks there next. Default: false. */
  readonly fillCache?: boolean;
  /** Default: as it is at the call. */
  readonly snapshot?: AbstractSnapshot;
}

/**
 * One chunk of a range, at most about `bytesMax`. No iterator outlives the
 * call: an open one would hold on to files for as long as its reader is slow.
 */
export async function readChunk(
  db: Database,
  range: KeyRange,
  entriesMax: number,
  bytesMax: number = 512 * 1024,
): Promise<[Buffer, Buffer][]> {
  // Not every implementation knows the byte bound; those hold no copies.
  const options = { ...range, limit: entriesMax, highWaterMarkBytes: bytesMax };
  const iterator = db.iterator(options);
  try {
    return await iterator.nextv(entriesMax);
  } finally {
    await iterator.close();
  }
}

/** The first entry of a range, or the last if it is reversed. */
export async function readFirst(
  db: Database,
  range: KeyRange,
): Promise<[Buffer, Buffer] | undefined> {
  return (await readChunk(db, range, 1))[0];
}
