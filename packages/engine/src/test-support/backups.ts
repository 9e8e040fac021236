import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BackupRequestSchema } from "@varve/proto";
import { decodeBackup, encodeBackup } from "../backup/backup-file.js";
import { LogRestore, type RestoredLog, type RestoreTarget } from "../backup/log-restore.js";
import type { EventStore } from "../event-store.js";
import type { EventStoreOptions } from "../event-store-options.js";
import type { Database } from "../log/database.js";
import { memoryDatabase, storeOn } from "./requests.js";

/** Everything that an iteration yields. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The encoded frames of a backup. */
export async function framesOf(
  store: EventStore,
  request: MessageInitShape<typeof BackupRequestSchema> = {},
): Promise<Buffer[]> {
  return all(store.backup(create(BackupRequestSchema, request)));
}

/** A backup as a file would hold it. */
export async function backUp(
  store: EventStore,
  request: MessageInitShape<typeof BackupRequestSchema> = {},
): Promise<Buffer> {
  const pieces = await all(encodeBackup(store.backup(create(BackupRequestSchema, request))));
  return Buffer.concat(pieces);
}

/** A stream of bytes that comes in pieces of a size. */
export async function* inPieces(
  bytes: Buffer,
  size: number = bytes.length,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Restores backups, one after the other, into a new database. */
export async function restore(
  backups: readonly Buffer[],
  target: RestoreTarget = {},
): Promise<RestoredLog & { readonly db: Database }> {
  const db = memoryDatabase();
  await db.open();
  const log = new LogRestore(db, target);
  for (const bytes of backups) {
    if (!log.isReached) await log.add(decodeBackup(inPieces(bytes)));
  }
  return { ...(await log.finish()), db };
}

/** A store on what is restored from backups. */
export async function restoredStore(
  backups: readonly Buffer[],
  target: RestoreTarget = {},
  options: EventStoreOptions = {},
): Promise<EventStore> {
  return storeOn((await restore(backups, target)).db, options);
}

/** Everything in a database, in hexadecimal. */
export async function entriesOf(db: Database): Promise<[key: string, value: string][]> {
  await db.open();
  const entries = await db.iterator().all();
  return entries.map(([key, value]) => [key.toString("hex"), value.toString("hex")]);
}
