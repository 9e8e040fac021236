import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { readLevelFolder } from "./level-folder.js";

/**
 * Cuts off the end of a manifest whose write was not finished when power was lost. LevelDB
 * passes over it if it is cut off already, but refuses a database where it ends with zeros.
 * Nothing rests on it: what a manifest makes superfluous is removed once that is synced.
 * REQUIRES: nothing is wrong with the database, see `assertOpenable`.
 */
export async function cutUnfinishedManifest(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const { unfinished } = await readLevelFolder(path);
  if (!unfinished) return;
  const file = await open(join(path, unfinished.file), "a");
  try {
    await file.truncate(unfinished.offset);
  } finally {
    await file.close();
  }
}
