import { existsSync } from "node:fs";
import { open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Database } from "@varve/engine";
import { type DataFolder, openDataFolder } from "../data-folder.js";
import { syncFolder } from "../sync-folder.js";
import { BackupFileError } from "./file.js";

/**
 * A data folder that workspaces are restored into. Each grows in a folder whose
 * name no workspace can have, and gets its own name when it is whole: a restore
 * that is cut off leaves nothing that a server would take for a workspace.
 */
export class Staging implements AsyncDisposable {
  #isDone = false;

  private constructor(
    private readonly root: string,
    private readonly folder: DataFolder,
    private readonly workspaces: readonly string[],
    /** Whether there was no data folder. */
    private readonly isNew: boolean,
  ) {}

  /**
   * Takes hold of the data folder, and removes what an earlier restore has left.
   * Throws `StartupError`, or `BackupFileError` if one of the workspaces exists.
   */
  static async open(dataFolder: string, workspaces: readonly string[]): Promise<Staging> {
    const root = resolve(dataFolder);
    const isNew = !existsSync(root);
    const staging = new Staging(root, await openDataFolder(root), workspaces, isNew);
    try {
      await staging.#checkFree();
      await staging.#removeAll();
      return staging;
    } catch (error) {
      await staging[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A new, empty database. */
  async openDatabase(workspace: string): Promise<Database> {
    return this.folder.open(stagingName(workspace));
  }

  /**
   * Gives all workspaces their names. REQUIRES: their databases are closed. LevelDB
   * syncs no file when it is closed, and one that was full not even before.
   */
  async publish(): Promise<void> {
    for (const workspace of this.workspaces) await syncFiles(this.#stagingPath(workspace));
    for (const workspace of this.workspaces) {
      await rename(this.#stagingPath(workspace), this.#path(workspace));
    }
    await syncFolder(join(this.root, "workspaces"));
    await this.folder.register(this.workspaces);
    this.#isDone = true;
  }

  /** Lets go of the data folder; what was not published is removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isDone) await this.#removeAll();
    await this.folder.close();
    if (!this.#isDone && this.isNew) await this.#removeFolder();
  }

  /** One whose data is gone may be an empty folder. */
  async #checkFree(): Promise<void> {
    for (const workspace of this.workspaces) {
      const path = this.#path(workspace);
      const isFree = !existsSync(path) || (await readdir(path)).length === 0;
      if (isFree) continue;
      const name = JSON.stringify(workspace);
      throw new BackupFileError(`The workspace ${name} exists already in ${this.root}.`);
    }
  }

  async #removeAll(): Promise<void> {
    const folder = join(this.root, "workspaces");
    for (const workspace of this.workspaces) {
      // Also a database that was not yet whole when the restore was cut off.
      for (const name of [stagingName(workspace), `${stagingName(workspace)}.new`]) {
        await rm(join(folder, name), { recursive: true, force: true });
      }
    }
  }

  /** Only if nobody has put anything there meanwhile. */
  async #removeFolder(): Promise<void> {
    await rmdir(join(this.root, "workspaces")).catch(() => {});
    if ((await readdir(this.root)).join() !== "catalog") return;
    await rm(this.root, { recursive: true });
  }

  #path(name: string): string {
    return join(this.root, "workspaces", name);
  }

  #stagingPath(workspace: string): string {
    return this.#path(stagingName(workspace));
  }
}

function stagingName(workspace: string): string {
  return `.restoring-${workspace}`;
}

async function syncFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const handle = await open(join(folder, name), "r+");
    await handle.sync().finally(() => handle.close());
  }
  await syncFolder(folder);
}
