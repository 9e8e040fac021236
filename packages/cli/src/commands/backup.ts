import type { BackupOptions } from "@varve/client/maintenance";
import { writeBackupFile } from "@varve/server/backup";
import { inWords, withBackupFailures } from "../backup/failure.js";
import { withProgress } from "../backup/progress.js";
import {
  backupJson,
  backupSentence,
  nothingNewJson,
  nothingNewSentence,
} from "../backup/report.js";
import { type BackupTarget, parseTarget } from "../backup/target.js";
import { backUpToFolder } from "../backup/to-folder.js";
import { backUpToOutput } from "../backup/to-output.js";
import type { MaintenanceContext } from "../context.js";
import { CommandFailure, exitStatus, wrongUse } from "../exit.js";
import { describeFailure, type Failure } from "../failure.js";
import { given } from "../options/given.js";
import { sayNothing } from "../output/nothing.js";

export interface BackupFlags {
  readonly workspace?: string;
  readonly after?: bigint;
  readonly force?: boolean;
  readonly all?: boolean;
}

/** What the command line says, and what stands behind it. */
export interface BackupUse extends BackupFlags {
  /** Whether the workspace was named on the command line, not by the environment. */
  readonly isWorkspaceNamed: boolean;
}

/** Copies the log of a workspace, or of all, to a file, a folder or standard output. */
export async function backup(
  context: MaintenanceContext,
  word: string,
  use: BackupUse,
): Promise<void> {
  const target = await parseTarget(word);
  checkUse(context, target, use);
  const signal = context.takeInterrupts();
  await withBackupFailures(signal, () => {
    if (target.kind === "output") return toOutput(context, optionsOf(use, signal));
    if (target.kind === "file") return toFile(context, target.path, use, signal);
    return use.all
      ? allToFolder(context, target.path, signal)
      : toFolder(context, target.path, use.workspace || "default", signal);
  });
}

function checkUse({ out }: MaintenanceContext, target: BackupTarget, use: BackupUse): void {
  const { kind } = target;
  if (kind === "output" && out.isTerminal) {
    throw wrongUse("A backup is not for a terminal: name a file, or pipe it on.");
  }
  if (kind === "folder" && use.after !== undefined) {
    throw wrongUse("--after goes with a file: in a folder, the newest backup says where to go on.");
  }
  if (kind !== "file" && use.force) throw wrongUse("--force goes with a file.");
  if (kind !== "folder" && use.all) throw wrongUse(allNeedsFolder(target));
  if (use.all && use.isWorkspaceNamed) throw wrongUse("--all does not go with --workspace.");
}

function allNeedsFolder(target: BackupTarget): string {
  const rule = "--all goes with a folder";
  if (target.kind !== "file") return `${rule}.`;
  return `${rule}; there is no folder ${target.path}, and ${target.path}/ makes one.`;
}

function optionsOf({ workspace, after }: BackupFlags, signal: AbortSignal): BackupOptions {
  return { signal, ...given({ workspace: workspace || undefined, after }) };
}

/** Standard output has the backup, so that what is said of it goes elsewhere. */
async function toOutput(
  { client, out, err }: MaintenanceContext,
  options: BackupOptions,
): Promise<void> {
  const written = await backUpToOutput(client.backup(options), out.stream);
  await err.line(err.isTerminal ? backupSentence(written) : backupJson(written));
}

async function toFile(
  { client, out, err, isTerminal }: MaintenanceContext,
  path: string,
  use: BackupUse,
  signal: AbortSignal,
): Promise<void> {
  const backup = client.backup(optionsOf(use, signal));
  const written = await withProgress(err, (onProgress) =>
    writeBackupFile(path, backup, { overwrite: use.force ?? false, onProgress }),
  );
  await out.line(isTerminal ? backupSentence(written, path) : backupJson(written, path));
}

async function toFolder(
  { client, out, err, isTerminal }: MaintenanceContext,
  folder: string,
  workspace: string,
  signal: AbortSignal,
): Promise<void> {
  const { newest, written } = await withProgress(err, (onProgress) =>
    backUpToFolder(client, folder, workspace, { signal, onProgress }),
  );
  if (written) {
    const { file } = written;
    return out.line(isTerminal ? backupSentence(written, file) : backupJson(written, file));
  }
  await out.line(
    isTerminal ? nothingNewSentence(workspace, newest) : nothingNewJson(workspace, newest),
  );
}

/** One that fails does not keep the others from being backed up. */
async function allToFolder(
  context: MaintenanceContext,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const failures: Failure[] = [];
  const workspaces = await context.client.listWorkspaces({ signal });
  if (workspaces.length === 0) await sayNothing(context, "There are no workspaces to back up.");
  for (const workspace of workspaces) {
    try {
      await toFolder(context, folder, workspace, signal);
    } catch (error) {
      const failure = describeFailure(inWords(error));
      if (signal.aborted || failure.status === exitStatus.unreachable) throw error;
      const message = `The workspace "${workspace}" is not backed up. ${failure.message}`;
      failures.push({ ...failure, message });
    }
  }
  const [first] = failures;
  if (!first) return;
  throw new CommandFailure(failures.map(({ message }) => message).join(" "), first);
}
