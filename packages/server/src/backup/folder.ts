import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BackupCheck, BackupError, type BackupSummary, planSeries, type Span } from "@varve/engine";
import { readBackupFile } from "./file.js";
import { naming } from "./naming.js";

/** What the names of backups in a folder end with. */
export const BACKUP_SUFFIX = ".varve";

const NAME = /^([a-z0-9][a-z0-9_-]*)\.(\d{16})-(\d{16})\.varve$/;

/**
 * The name of a backup in a folder of them: the workspace, the position that it
 * follows on, and the one that it ends at. Sorted by name they are in their order.
 */
export function backupName(workspace: string, { after, head }: Span): string {
  return `${workspace}.${digits(after)}-${digits(head)}${BACKUP_SUFFIX}`;
}

/** Where the next backup of a workspace grows, in a folder of them. */
export function partialName(workspace: string): string {
  return `${workspace}${BACKUP_SUFFIX}.partial`;
}

/**
 * The newest backup of a workspace in a folder, read to its end; `undefined` if
 * there is none. Throws `BackupError` if it is not whole, or if one before it is
 * missing.
 */
export async function newestBackup(
  folder: string,
  workspace: string,
): Promise<BackupSummary | undefined> {
  const backups = await listBackups(folder, workspace);
  if (backups.length === 0) return undefined;
  const newest = await naming(folder, async () => planSeries(backups).at(-1) as NamedBackup);
  return naming(newest.path, () => checkWhole(newest));
}

interface NamedBackup extends Span {
  readonly path: string;
  readonly name: string;
}

async function listBackups(folder: string, workspace: string): Promise<NamedBackup[]> {
  const names = (await readdir(folder)).sort();
  return names.flatMap((name) => {
    const [, of, after, head] = NAME.exec(name) ?? [];
    if (of !== workspace) return [];
    return [{ path: join(folder, name), name, after: Number(after), head: Number(head) }];
  });
}

async function checkWhole({ path, name }: NamedBackup): Promise<BackupSummary> {
  const check = new BackupCheck();
  for await (const _ of readBackupFile(path, check));
  const { summary } = check;
  if (backupName(summary.workspace, summary) === name) return summary;
  throw new BackupError("BACKUP_DAMAGED", "the backup is not the one that its name says");
}

function digits(position: number): string {
  return String(position).padStart(16, "0");
}
