import { copyFile, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, databaseEncoding } from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { assertHandles } from "../data-folder.js";

/** A database that is opened without changing any of its files. */
export interface DatabaseCopy extends AsyncDisposable {
  readonly db: Database;
}

/**
 * LevelDB changes a database when it opens it, and may merge tables as long as it
 * is open. So it is given a folder of its own, in the system's folder for temporary
 * files, in which tables are links and the rest, some MiB, is copied.
 */
export async function openCopy(path: string): Promise<DatabaseCopy> {
  return openIn(async (folder) => {
    for (const name of await readdir(path)) {
      const [from, to] = [join(path, name), join(folder, name)];
      if (/\.(?:ldb|sst)$/.test(name)) await symlink(from, to);
      else if (/^(?:CURRENT|MANIFEST-\d+|\d+\.log)$/.test(name)) await copyFile(from, to);
    }
  });
}

/**
 * Takes the lock of a database, and holds it until it is disposed of. No other
 * process can open the database meanwhile; nothing in it is read or changed.
 */
export async function holdLock(lockFile: string): Promise<AsyncDisposable> {
  return openIn((folder) => symlink(lockFile, join(folder, "LOCK")));
}

/** Opens a database in a temporary folder, which goes with it. */
async function openIn(prepare: (folder: string) => Promise<void>): Promise<DatabaseCopy> {
  const folder = await mkdtemp(join(tmpdir(), "varve-verify-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await prepare(folder);
    assertHandles();
    const db = new ClassicLevel<Buffer, Buffer>(folder, databaseEncoding);
    await db.open();
    return {
      db,
      [Symbol.asyncDispose]: async () => {
        await db.close();
        await remove();
      },
    };
  } catch (error) {
    // What it failed with is of more interest than that nothing could be removed either.
    await remove().catch(() => {});
    throw error;
  }
}
