import { join } from "node:path";
import { VarveError } from "@varve/client";
import type { Backup, BackupHeader, MaintenanceClient } from "@varve/client/maintenance";
import {
  type BackupSummary,
  backupName,
  newestBackup,
  partialName,
  type WriteBackupOptions,
  type WrittenBackup,
  writeBackupFile,
} from "@varve/server/backup";
import { CommandFailure, exitStatus } from "../exit.js";

/** What came of a backup into a folder. */
export interface FolderBackup {
  /** The newest one that was there; absent if there was none. */
  readonly newest: BackupSummary | undefined;
  /** Absent if nothing was new. */
  readonly written?: WrittenBackup & { readonly file: string };
}

/** Backs up what is new in a workspace since the newest backup of it in a folder. */
export async function backUpToFolder(
  client: MaintenanceClient,
  folder: string,
  workspace: string,
  options: { readonly signal: AbortSignal } & Pick<WriteBackupOptions, "onProgress">,
): Promise<FolderBackup> {
  const newest = await newestBackup(folder, workspace);
  const { signal } = options;
  const start = newest && { after: newest.head, afterChain: newest.headChain };
  const backup = client.backup({ workspace, signal, ...start });
  const header = await headerOf(backup, folder, newest);
  if (header.head === header.after) return { newest };
  const span = { after: Number(header.after), head: Number(header.head) };
  const file = join(folder, backupName(workspace, span));
  const partialPath = join(folder, partialName(workspace));
  const written = await writeBackupFile(file, backup, { ...options, partialPath });
  return { newest, written: { ...written, file } };
}

async function headerOf(
  backup: Backup,
  folder: string,
  newest: BackupSummary | undefined,
): Promise<BackupHeader> {
  try {
    return await backup.header;
  } catch (error) {
    throw newest && isOfOtherLog(error) ? otherLog(error, folder, newest) : error;
  }
}

function isOfOtherLog(error: unknown): error is VarveError {
  const reasons = ["LOG_MISMATCH", "POSITION_AHEAD_OF_HEAD"];
  return error instanceof VarveError && reasons.includes(error.reason);
}

function otherLog(error: VarveError, folder: string, newest: BackupSummary): CommandFailure {
  const { workspace } = newest;
  const { code, reason, metadata } = error;
  const message =
    `The workspace "${workspace}" is another log than the one in ${join(folder, backupName(workspace, newest))}: ` +
    "it was restored to an earlier state, or begun anew. Use another folder from now on.";
  return new CommandFailure(message, {
    status: exitStatus.refused,
    code,
    reason,
    details: { metadata },
  });
}
