import { type Database, databaseEncoding, type Storage } from "@varve/engine";
import { MemoryLevel } from "memory-level";

/** Keeps the databases in memory. They outlive being closed, as files would. */
export function inMemoryStorage(): Storage {
  const databases = new Map<string, Database>();
  return {
    async open(workspace, create) {
      const known = databases.get(workspace);
      if (!known && !create) return undefined;
      const db = known ?? new MemoryLevel<Buffer, Buffer>(databaseEncoding);
      databases.set(workspace, db);
      await db.open();
      return db;
    },
  };
}
