import { existsSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import type { FileFinding } from "./file-finding.js";
import { missingTable, readLevelFolder } from "./level-folder.js";
import { checkLogs } from "./log-check.js";

/**
 * What must be right before LevelDB may open a database: it passes over damage in a
 * log in silence, and then deletes the log. Reads the manifest and the logs, some
 * MiB at most, and changes nothing.
 */
export async function checkForOpening(path: string): Promise<readonly FileFinding[]> {
  if (!existsSync(path)) return [];
  const folder = await readLevelFolder(path);
  const missing = folder.tables.filter(({ exists }) => !exists).map(missingTable);
  return [...folder.findings, ...missing, ...(await checkLogs(folder))];
}

/** Throws DATA_CORRUPT, so that nothing that was acknowledged is dropped in silence. */
export async function assertOpenable(path: string): Promise<void> {
  const [finding] = await checkForOpening(path);
  if (!finding) return;
  const { file, offset, message } = finding;
  const place = offset === undefined ? {} : { offset: String(offset) };
  const advice = adviceOn(finding, join(path, file));
  throw new StoreError(ErrorReason.DATA_CORRUPT, `${message}; ${advice}`, { file, ...place });
}

function adviceOn({ file, offset }: FileFinding, path: string): string {
  if (offset === undefined || !file.endsWith(".log")) return "restore from a backup";
  const cut = `truncate -s ${offset} '${path}'`;
  return `restore from a backup, or give up what follows there: ${cut}`;
}
