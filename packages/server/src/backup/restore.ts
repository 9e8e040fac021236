import {
  type CheckedFrame,
  LogRestore,
  planSeries,
  type RestoredLog,
  type RestoreTarget,
} from "@varve/engine";
import { BackupFileError } from "./file.js";
import { naming } from "./naming.js";
import type { BackupSource } from "./sources.js";
import { Staging } from "./staging.js";

export interface RestoreOptions extends RestoreTarget {
  /** Created if it is missing. No server may be using it. */
  readonly dataFolder: string;
  /** Only this workspace of the backups. Default: all of them. */
  readonly workspace?: string | undefined;
  /** Another name for the workspace. REQUIRES: a workspace name; only for one workspace. */
  readonly as?: string | undefined;
  /** Ends the work, and nothing is left of it. */
  readonly signal?: AbortSignal;
  /** Told how far a workspace has come, and how far its backups go. */
  readonly onProgress?: (workspace: string, position: number, last: number) => void;
}

/** A workspace that has been restored. */
export interface RestoredWorkspace extends RestoredLog {
  readonly workspace: string;
  /** Its name in the backups. */
  readonly from: string;
  /** How many backups were needed. */
  readonly backups: number;
}

/** The backups of one workspace, in order, and what it is to be called. */
interface Series {
  readonly from: string;
  readonly workspace: string;
  readonly sources: readonly BackupSource[];
}

/**
 * Restores workspaces into a data folder. They are there only when all of them are
 * whole and safe on the disk. Throws `StartupError` if the data folder cannot be
 * used, `BackupFileError` if a workspace is in the way, `BackupError` if the backups
 * cannot be used; then nothing is left.
 */
export async function restoreBackups(
  sources: readonly BackupSource[],
  options: RestoreOptions,
): Promise<RestoredWorkspace[]> {
  const all = await planAll(sources, options);
  const names = all.map(({ workspace }) => workspace);
  await using staging = await Staging.open(options.dataFolder, names);
  const restored: RestoredWorkspace[] = [];
  for (const series of all) restored.push(await restoreOne(staging, series, options));
  await staging.publish();
  return restored;
}

async function planAll(
  sources: readonly BackupSource[],
  { workspace, as, toPosition }: RestoreOptions,
): Promise<Series[]> {
  const chosen = sources.filter((each) => workspace === undefined || each.workspace === workspace);
  const names = [...new Set(chosen.map((source) => source.workspace))].sort();
  if (names.length === 0) {
    throw new BackupFileError(`There is no backup of the workspace ${JSON.stringify(workspace)}.`);
  }
  if (names.length > 1 && (as !== undefined || toPosition !== undefined)) {
    throw new BackupFileError(`The backups are of several workspaces: ${names.join(", ")}.`);
  }
  const series = names.map(async (from) => {
    const ofName = chosen.filter((source) => source.workspace === from);
    const what = `workspace ${JSON.stringify(from)}`;
    const plan = await naming(what, async () => planSeries(ofName, toPosition));
    return { from, workspace: as ?? from, sources: plan };
  });
  return Promise.all(series);
}

async function restoreOne(
  staging: Staging,
  { from, workspace, sources }: Series,
  options: RestoreOptions,
): Promise<RestoredWorkspace> {
  const db = await staging.openDatabase(workspace);
  try {
    const restore = new LogRestore(db, options);
    const last = Math.min(sources.at(-1)?.head ?? 0, options.toPosition ?? Number.MAX_SAFE_INTEGER);
    const onFrame = (): void => {
      options.signal?.throwIfAborted();
      options.onProgress?.(workspace, restore.head, last);
    };
    let backups = 0;
    for (const { name, frames } of sources) {
      if (restore.isReached) break;
      await naming(name, () => restore.add(watched(frames(), onFrame)));
      backups++;
    }
    const log = await naming(`workspace ${JSON.stringify(from)}`, () => restore.finish());
    return { ...log, workspace, from, backups };
  } finally {
    await db.close();
  }
}

async function* watched(
  frames: AsyncIterable<CheckedFrame>,
  onFrame: () => void,
): AsyncGenerator<CheckedFrame> {
  for await (const frame of frames) {
    onFrame();
    yield frame;
  }
}
