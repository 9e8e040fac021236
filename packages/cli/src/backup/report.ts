import type {
  BackupSummary,
  RestoredEvents,
  RestoredWorkspace,
  WrittenBackup,
} from "@varve/server/backup";
import { countOf, formatBytes, formatTime } from "../output/format.js";

/** What a backup wrote, as JSON. `file` is absent if it went to standard output. */
export function backupJson(backup: WrittenBackup, file?: string): string {
  const { workspace, after, head, headChain, events, appendIds, bytes } = backup;
  const place = { workspace, ...(file !== undefined && { file }) };
  const positions = { after: String(after), head: String(head), chain: headChain.toString("hex") };
  return JSON.stringify({ ...place, ...positions, events, appendIds, bytes });
}

/** The same as a sentence. */
export function backupSentence(backup: WrittenBackup, file = "standard output"): string {
  const { workspace, after, head, events, bytes } = backup;
  const range =
    after === 0 ? `up to position ${head}` : `after position ${after} and up to ${head}`;
  const size = formatBytes(bytes);
  const verb = events === 1 ? "is" : "are";
  return `${countOf(events, "event")} of the workspace "${workspace}", ${range}, ${verb} in ${file} (${size}).`;
}

/** That there was nothing to write, as JSON. */
export function nothingNewJson(workspace: string, newest: BackupSummary | undefined): string {
  const position = String(newest?.head ?? 0);
  return JSON.stringify({ workspace, after: position, head: position, events: 0 });
}

/** The same as a sentence. */
export function nothingNewSentence(workspace: string, newest: BackupSummary | undefined): string {
  return newest
    ? `Nothing is new in the workspace "${workspace}" since position ${newest.head}.`
    : `The workspace "${workspace}" has no event to back up.`;
}

/** What was restored, as JSON. */
export function restoredJson(restored: RestoredWorkspace, dataFolder: string): string {
  const { workspace, from, head, chain, timeMs, appendIds, backups } = restored;
  return JSON.stringify({
    workspace,
    ...(from !== workspace && { from }),
    data: dataFolder,
    head: String(head),
    chain: chain.toString("hex"),
    ...(head > 0 && { lastRecordedAt: new Date(timeMs).toISOString() }),
    appendIds,
    backups,
  });
}

/** The same as a sentence. */
export function restoredSentence(restored: RestoredWorkspace, dataFolder: string): string {
  const { workspace, from, head, timeMs, backups } = restored;
  const name = from === workspace ? `"${workspace}"` : `"${from}" as "${workspace}"`;
  const end = endOf(head, timeMs);
  return `The workspace ${name} is restored in ${dataFolder}, ${end}, from ${countOf(backups, "backup")}.`;
}

/** What was made of lines, as JSON. */
export function restoredLinesJson(restored: RestoredEvents, dataFolder: string): string {
  const { workspace, head, chain, timeMs } = restored;
  return JSON.stringify({
    workspace,
    data: dataFolder,
    head: String(head),
    chain: chain.toString("hex"),
    ...(head > 0 && { lastRecordedAt: new Date(timeMs).toISOString() }),
  });
}

/** The same as a sentence. */
export function restoredLinesSentence(restored: RestoredEvents, dataFolder: string): string {
  const { workspace, head, timeMs } = restored;
  return `The workspace "${workspace}" is made in ${dataFolder}, ${endOf(head, timeMs)}.`;
}

function endOf(head: number, timeMs: number): string {
  if (head === 0) return "without events";
  return `up to position ${head}, recorded at ${formatTime(new Date(timeMs))}`;
}
