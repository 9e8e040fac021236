import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { devNull } from "node:os";
import { dirname, join, resolve } from "node:path";
import {
  checkFormat,
  type Database,
  databaseEncoding,
  isLackOfHandles,
  isLackOfSpace,
  isWorkspaceName,
  type Storage,
  workspaceMissing,
} from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { assertOwnFolder, holdsDatabase } from "./folder-content.js";
import { HeldFile } from "./held-file.js";
import { assertOpenable } from "./integrity/opening-check.js";
import { cutUnfinishedManifest } from "./integrity/unfinished-manifest.js";
import { StartupError } from "./startup-error.js";
import { syncFolder } from "./sync-folder.js";
import { WorkspaceList } from "./workspace-list.js";

/**
 * The folder of a server's data:
 *
 *     catalog/             a database that only tells the format of the folder,
 *                          and is held open so that no second process uses it
 *     workspaces.txt       which workspaces there are
 *     workspaces/NAME/     the database of each workspace
 *     ballast              space that is given up to open a database on a full disk;
 *                          see `FreeSpaceReserve`
 */
export interface DataFolder extends Storage {
  /** What was found when the folder was opened. */
  readonly found: FoundWorkspaces;
  isThere(workspace: string): boolean;
  /** Puts workspaces on the list whose databases were put into the folder, whole and synced. */
  register(workspaces: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface FoundWorkspaces {
  /** There was nothing, which is what an operator should know who expected something. */
  readonly isNew: boolean;
  /** On the list, but without a database. */
  readonly missing: readonly string[];
  /** Not on the list, which has them now. */
  readonly added: readonly string[];
}

/**
 * Creates the folder if it is missing, and takes hold of it. Throws `StartupError`, also
 * if it holds what is not Varve's.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const root = resolve(folder);
  const catalog = await openCatalog(root);
  try {
    const list = await WorkspaceList.read(root);
    const found = await reconcile(root, list);
    return new OpenDataFolder(root, catalog, list, found);
  } catch (error) {
    await catalog.close();
    throw cannotUse(root, error);
  }
}

/**
 * What is there is taken in: a workspace that was created when the server was killed, and
 * all of them where the list is missing, as it is in what an earlier version has left.
 */
async function reconcile(root: string, list: WorkspaceList): Promise<FoundWorkspaces> {
  const present = new Set<string>();
  for (const name of await foldersIn(join(root, "workspaces"))) {
    if (isWorkspaceName(name) && (await holdsDatabase(workspacePath(root, name)))) {
      present.add(name);
    }
  }
  const missing = list.names.filter((name) => !present.has(name));
  const added = [...present].filter((name) => !list.has(name));
  await list.add(added);
  return { isNew: list.names.length === 0, missing, added };
}

class OpenDataFolder implements DataFolder {
  readonly #held = new Map<string, HeldFile>();
  /** With it goes the lock that keeps others out. */
  readonly #lock: HeldFile;

  constructor(
    private readonly root: string,
    private readonly catalog: Database,
    private readonly workspaces: WorkspaceList,
    readonly found: FoundWorkspaces,
  ) {
    this.#lock = new HeldFile(join(root, "catalog", "LOCK"));
  }

  has(workspace: string): boolean {
    return this.workspaces.has(workspace);
  }

  async list(): Promise<readonly string[]> {
    return this.workspaces.names;
  }

  isThere(workspace: string): boolean {
    return this.#lock.isThere() && (this.#held.get(workspace)?.isThere() ?? true);
  }

  async open(workspace: string): Promise<Database> {
    const path = workspacePath(this.root, workspace);
    const isKnown = this.has(workspace);
    const isLost = !this.#lock.isThere();
    if (isKnown && (isLost || !(await holdsDatabase(path)))) throw workspaceMissing(workspace);
    if (isLost) throw new Error("the data folder is not where it was");
    await assertOpenable(path);
    await cutUnfinishedManifest(path);
    const db = isKnown ? await openLevel(path, false) : await openDatabase(path);
    try {
      if (isWorkspaceName(workspace)) await this.register([workspace]);
    } catch (error) {
      await db.close();
      throw error;
    }
    this.#held.set(workspace, new HeldFile(join(path, "LOCK")));
    return db;
  }

  register(workspaces: readonly string[]): Promise<void> {
    return this.workspaces.add(workspaces);
  }

  close(): Promise<void> {
    return this.catalog.close();
  }
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
    await assertOwnFolder(root);
    await makeFolder(join(root, "workspaces"));
    const catalog = await openDatabase(path);
    await checkFormat(catalog).catch(async (error: unknown) => {
      await catalog.close();
      throw error;
    });
    return catalog;
  } catch (error) {
    throw cannotUse(root, error);
  }
}

function cannotUse(root: string, error: unknown): StartupError {
  return new StartupError(`cannot use the data folder ${root}: ${reasonOf(error)}`, error);
}

/** Why a database does not open, in words for the user. */
export function reasonOf(error: unknown): string {
  const [code, message] = innermost(error);
  if (code === "LEVEL_LOCKED") return "another process is using it";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "it is not writable";
  if (code === "ENOTDIR" || code === "EEXIST") return "it is not a folder";
  if (code === "ENOENT") return "it cannot be created there";
  if (code === "ENAMETOOLONG") return "its name is too long";
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

async function openLevel(path: string, createIfMissing = true): Promise<Database> {
  assertHandles();
  const options = { ...databaseEncoding, createIfMissing };
  const db = new ClassicLevel<Buffer, Buffer>(path, options);
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
  const missing = missingFolders(path);
  // One by one: where a file system takes no folders, Node would try to create all for ever.
  for (const folder of missing) await createFolder(folder);
  if (!(await stat(path)).isDirectory()) throw notFolder(path);
  const unsynced = missing.length > 0 ? missing.toReversed() : [path];
  for (const folder of unsynced) await syncFolder(dirname(folder));
}

/** A folder and what is above it, as far as it is not there; the topmost comes first. */
function missingFolders(path: string): readonly string[] {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  return missing;
}

/** Somebody else may have created it just now. */
async function createFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !existsSync(path)) throw error;
  });
}

function notFolder(path: string): Error {
  return Object.assign(new Error(`${path} is not a folder`), { code: "ENOTDIR" });
}
