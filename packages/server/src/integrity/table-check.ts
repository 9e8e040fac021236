import { join } from "node:path";
import type { Pace } from "@varve/engine";
import { damagedFile, type FileFinding } from "./file-finding.js";
import { type LevelFolder, missingTable, readLevelFolder, type TableFile } from "./level-folder.js";
import { checkTable } from "./table-file.js";

/**
 * Checks every table of a database. Also right while the database is open: a table
 * that is gone because it was merged into others is none of it any more.
 */
export async function* checkTables(folder: LevelFolder, pace: Pace): AsyncGenerator<FileFinding> {
  for (const table of folder.tables) yield* checkOne(folder.path, table, pace);
}

async function* checkOne(path: string, table: TableFile, pace: Pace): AsyncGenerator<FileFinding> {
  const { name, number, sizeBytes } = table;
  try {
    for await (const place of checkTable(join(path, name), sizeBytes, pace)) {
      yield damagedFile(name, place);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const { manifest } = await readLevelFolder(path);
    if (manifest?.tables.has(number)) yield missingTable(table);
  }
}
