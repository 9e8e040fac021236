import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { copyFolder } from "../corruption/files.ts";

/** Below a data folder. */
const DATABASE = join("workspaces", "default");

/** The file that LevelDB writes to: its newest `.log`. */
export interface NewestLog {
  /** Below the data folder. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export async function newestLog(folder: string): Promise<NewestLog> {
  const names = await readdir(join(folder, DATABASE));
  const newest = names
    .filter((name) => name.endsWith(".log"))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`there is no log in ${folder}`);
  const path = join(DATABASE, newest);
  return { path, size: (await stat(join(folder, path))).size };
}

/** What is left of the newest log. */
export interface Cut {
  /** Bytes that are there. */
  readonly at: number;
  /** Zeros that follow on them. */
  readonly zeros: number;
}

/** A copy of a data folder, with its newest log cut. */
export async function cutCopy(from: string, to: string, { at, zeros }: Cut): Promise<void> {
  const { path } = await newestLog(from);
  await copyFolder(from, to);
  await truncate(join(to, path), at);
  await truncate(join(to, path), at + zeros);
}
