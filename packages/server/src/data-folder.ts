import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { devNull } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  checkFormat,
  type Database,
  databaseEncoding,
  isLackOfHandles,
  isLackOfSpace,
  type Storage,
} from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { assertOpenable } from "./integrity/opening-check.js";
import { cutUnfinishedManifest } from "./integrity/unfinished-manifest.js";
import { StartupError } from "./startup-error.js";

/**
 * The folder of a server's data:
 *
 *     catalog/             a database that only tells the format of the folder,
 *                          and is held open so that no second process uses it
 *     workspaces/NAME/     the database of each workspace
 *     ballast              space that is given up to open a database on a full disk;
 *                          see `FreeSpaceReserve`
 */
export interface DataFolder extends Storage {
  close(): Promise<void>;
}

/** Creates the folder if it is missing, and takes hold of it. Throws `StartupError`. */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const root = resolve(folder);
  const catalog = await openCatalog(root);
  return {
    close: () => catalog.close(),
    async open(workspace, create) {
      const path = workspacePath(root, workspace);
      if (!create && !existsSync(path)) return undefined;
      await assertOpenable(path);
      await cutUnfinishedManifest(path);
      return openDatabase(path);
    },
    list: () => foldersIn(join(root, "workspaces")),
  };
}

/** Where the database of a workspace is. */
export function workspacePath(folder: string, workspace: string): string {
  return join(folder, "workspaces", workspace);
}

/** Names of the folders in a folder; none if there is no such folder. */
export async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
}

async function openCatalog(root: string): Promise<Database> {
  const path = join(root, "catalog");
  try {
    await makeFolder(join(root, "workspaces"));
    const catalog = await openDatabase(path);
    await checkFormat(catalog).catch(async (error: unknown) => {
      await catalog.close();
      throw error;
    });
    return catalog;
  } catch (error) {
    throw new StartupError(`cannot use the data folder ${root}: ${reasonOf(error)}`, error);
  }
}

/** Why a database does not open, in words for the user. */
export function reasonOf(error: unknown): string {
  const [code, message] = innermost(error);
  if (code === "LEVEL_LOCKED") return "another process is using it";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "it is not writable";
  if (code === "ENOTDIR" || code === "EEXIST") return "it is not a folder";
  if (isLackOfSpace(error)) return "the disk is full";
  if (isLackOfHandles(error)) return "too many files are open: raise the limit (ulimit -n)";
  return message;
}

/** What the system or the database says, below all that has been said on top of it. */
export function innermost(error: unknown): [code: string, message: string] {
  if (!(error instanceof Error)) return ["", String(error)];
  if (error.cause instanceof Error) return innermost(error.cause);
  return ["code" in error ? String(error.code) : "", error.message];
}

async function openDatabase(path: string): Promise<Database> {
  if (!existsSync(path)) await createDatabase(path);
  await makeFolder(path);
  return openLevel(path);
}

/**
 * Creates a database as a whole or not at all: LevelDB does not sync the manifest that
 * a new one begins with, so that a loss of power could leave one that never opens.
 */
async function createDatabase(path: string): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await makeFolder(unfinished);
  const db = await openLevel(unfinished);
  await db.close();
  await syncFolder(unfinished);
  await rename(unfinished, path);
}

async function openLevel(path: string): Promise<Database> {
  assertHandles();
  const db = new ClassicLevel<Buffer, Buffer>(path, databaseEncoding);
  await db.open();
  return db;
}

/** What LevelDB opens at once to open a database, and what others may open at the same time. */
const OPENING_HANDLES = 16;

/**
 * Throws (EMFILE) if there are not enough handles to open a database. LevelDB goes on
 * without a log that it cannot open, as if it were empty, and then deletes it. To be
 * called before the database is made, which opens by itself.
 */
export function assertHandles(): void {
  const held: number[] = [];
  try {
    while (held.length < OPENING_HANDLES) held.push(openSync(devNull, "r"));
  } finally {
    for (const handle of held) closeSync(handle);
  }
}

/**
 * Creates a folder so that it is still there after a loss of power; also one that
 * was created before, and perhaps not synced.
 */
export async function makeFolder(path: string): Promise<void> {
  const topmost = (await mkdir(path, { recursive: true })) ?? path;
  for (let created = path; created.length >= topmost.length; created = dirname(created)) {
    await syncFolder(dirname(created));
  }
}

/** Makes the names in a folder safe from a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
