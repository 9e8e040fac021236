import { constants, copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What LevelDB keeps in a database, by the names of the files. */
export const fileTypes = [".ldb", ".log", "MANIFEST", "CURRENT", "LOCK", "LOG"] as const;
export type FileType = (typeof fileTypes)[number];

/** A file of a database in a data folder. */
export interface DataFile {
  /** Below the data folder, for example `workspaces/default/000005.ldb`. */
  readonly path: string;
  readonly type: FileType;
  /** Below the data folder, for example `workspaces/default`. */
  readonly database: string;
}

/** All files of all databases of a data folder, in the order of their names. */
export async function dataFiles(folder: string): Promise<DataFile[]> {
  return (await filesBelow(folder)).flatMap((path) => {
    const type = typeOf(basename(path));
    return type ? [{ path, type, database: dirname(path) }] : [];
  });
}

/**
 * Copies a data folder, also one in use. No links: LevelDB writes files anew by numbers
 * that an older manifest makes it take for free.
 */
export async function copyFolder(from: string, to: string): Promise<void> {
  for (const path of await filesBelow(from)) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE).catch(ignoreGone);
  }
}

/** LevelDB removes files while it runs. */
function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

function typeOf(name: string): FileType | undefined {
  if (name.startsWith("MANIFEST-")) return "MANIFEST";
  if (name.startsWith("LOG")) return "LOG";
  return fileTypes.find((type) => name === type || (type.startsWith(".") && name.endsWith(type)));
}
