import { join } from "node:path";
import { databaseEncoding } from "@varve/engine";
import { ClassicLevel } from "classic-level";

export type Database = ClassicLevel<Buffer, Buffer>;

/** Opens a database of a data folder that no server uses, and closes it afterwards. */
export async function withDatabase<T>(
  folder: string,
  name: "catalog" | `workspaces/${string}`,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const db = new ClassicLevel<Buffer, Buffer>(join(folder, name), databaseEncoding);
  await db.open();
  try {
    return await use(db);
  } finally {
    await db.close();
  }
}

/** Key spaces of a workspace's database, by their first byte. */
export const space = { block: "b", stream: "s", type: "t", tag: "g", snapshot: "n" } as const;

/** All entries of a key space, in order. */
export async function entriesOf(db: Database, first: string): Promise<[Buffer, Buffer][]> {
  const gte = Buffer.from(first);
  const lt = Buffer.of((gte[0] as number) + 1);
  return db.iterator({ gte, lt }).all();
}

export const formatKey: Buffer = Buffer.from("mformat");
