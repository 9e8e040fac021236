import type { Database } from "../log/database.js";
import type { Storage } from "./workspaces.js";

/** Databases in memory, one for each workspace. They outlive being closed, as files would. */
export function memoryStorage(newDatabase: () => Database): Storage {
  const databases = new Map<string, Database>();
  return {
    has: (workspace) => databases.has(workspace),
    async open(workspace) {
      const db = databases.get(workspace) ?? newDatabase();
      databases.set(workspace, db);
      await db.open();
      return db;
    },
    list: async () => [...databases.keys()],
  };
}
