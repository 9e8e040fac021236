import { constants, existsSync } from "node:fs";
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type Finding,
  isWorkspaceName,
  Pace,
  type VerifyProgress,
  type VerifySummary,
} from "@varve/engine";
import { foldersIn, innermost, reasonOf, workspacePath } from "../data-folder.js";
import { holdsDatabase } from "../folder-content.js";
import { StartupError } from "../startup-error.js";
import { WorkspaceList } from "../workspace-list.js";
import { holdLock } from "./database-copy.js";
import { verifyEntries } from "./entries.js";
import { verifyEntriesApart } from "./entries-apart.js";
import { type FileFinding, missingFile } from "./file-finding.js";
import { CURRENT, readLevelFolder } from "./level-folder.js";
import { checkLogs } from "./log-check.js";
import { checkTables } from "./table-check.js";

export interface VerifyFolderOptions {
  /** Of the data. */
  readonly folder: string;
  /** Only this one. Default: all. */
  readonly workspace?: string | undefined;
  /** Ends the check: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What a check tells of one workspace, or, without one, of the catalog. */
export type FolderReport =
  | (VerifyProgress & { readonly workspace?: string })
  | {
      readonly type: "finding";
      readonly workspace?: string;
      readonly finding: Finding | FileFinding;
    }
  | {
      readonly type: "summary";
      readonly workspace: string;
      /** Of files and entries. */
      readonly findings: number;
      /** Absent if the files are damaged so that the database cannot be opened. */
      readonly database?: VerifySummary;
    };

/** There is no such data to check. The message is a sentence for the user. */
export class NoDataError extends Error {
  override readonly name = "NoDataError";
}

/**
 * Checks the files and the entries of every workspace in a data folder, while no
 * server uses it. Changes nothing. Throws `NoDataError`, or `StartupError` if the
 * data cannot be read.
 */
export async function* verifyFolder(options: VerifyFolderOptions): AsyncGenerator<FolderReport> {
  const root = resolve(options.folder);
  const names = await workspacesIn(root, options.workspace);
  await using _ = await lockFolder(root);
  const catalog = join(root, "catalog");
  if (options.workspace === undefined && existsSync(catalog)) {
    for await (const report of verifyOne(catalog, options)) {
      if (report.type === "finding") yield report;
    }
  }
  for (const workspace of names) {
    const path = workspacePath(root, workspace);
    let findings = 0;
    let database: VerifySummary | undefined;
    for await (const report of verifyOne(path, options)) {
      if (report.type === "finding") findings++;
      if (report.type === "summary") database = report;
      else yield { ...report, workspace };
    }
    yield { type: "summary", workspace, findings, ...(database && { database }) };
  }
}

async function workspacesIn(root: string, only: string | undefined): Promise<readonly string[]> {
  if (!existsSync(join(root, "catalog")) && !existsSync(join(root, "workspaces"))) {
    throw new NoDataError(`The folder ${root} holds no data of Varve`);
  }
  const present = (await foldersIn(join(root, "workspaces"))).filter(isWorkspaceName);
  const names = [...new Set([...(await listed(root)), ...present])].sort();
  if (only === undefined) return names;
  if (names.includes(only)) return [only];
  throw new NoDataError(`There is no workspace ${JSON.stringify(only)} in ${root}`);
}

async function listed(root: string): Promise<readonly string[]> {
  try {
    return (await WorkspaceList.read(root)).names;
  } catch (error) {
    throw new StartupError(`cannot use the data folder ${root}: ${reasonOf(error)}`, error);
  }
}

/** Where nobody can write, nobody needs to be kept out. */
async function lockFolder(root: string): Promise<AsyncDisposable> {
  const lockFile = join(root, "catalog", "LOCK");
  const unlocked = { [Symbol.asyncDispose]: async () => {} };
  try {
    await access(lockFile, constants.W_OK);
    return await holdLock(lockFile);
  } catch (error) {
    const [code] = innermost(error);
    if (code === "ENOENT" || code === "EROFS") return unlocked;
    throw new StartupError(`cannot use the data folder ${root}: ${reasonOf(error)}`, error);
  }
}

type Report = Extract<FolderReport, { readonly type: "finding" }> | VerifyProgress | VerifySummary;

/** The files first: a database whose files are damaged would lose more if it were opened. */
async function* verifyOne(path: string, options: VerifyFolderOptions): AsyncGenerator<Report> {
  if (!(await holdsDatabase(path))) {
    yield { type: "finding", finding: missingFile(CURRENT, "there is no database in the folder") };
    return;
  }
  const folder = await readLevelFolder(path);
  let isOpenable = true;
  let isWhole = true;
  for (const finding of [...folder.findings, ...(await checkLogs(folder))]) {
    isOpenable = false;
    yield { type: "finding", finding };
  }
  for await (const finding of checkTables(folder, new Pace(options))) {
    isWhole = false;
    isOpenable &&= finding.kind !== "file-missing";
    yield { type: "finding", finding };
  }
  if (!isOpenable) return;
  // A database whose tables are damaged may be opened, and then tells which events are lost.
  if (isWhole) yield* verifyEntries(path, true, options);
  else yield* verifyEntriesApart(path, options.signal);
}
