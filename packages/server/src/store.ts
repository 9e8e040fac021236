import {
  asStoreError,
  DEFAULT_WORKSPACE,
  databaseEncoding,
  EventStore,
  memoryStorage,
  type Storage,
} from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import { MemoryLevel } from "memory-level";
import pLimit from "p-limit";
import type { Logger } from "pino";
import { type FoundWorkspaces, openDataFolder, reasonOf } from "./data-folder.js";
import { DISK_FAILURE_STATUS, isDamage, isPassing } from "./disk-failure.js";
import type { FreeSpaceReserve } from "./free-space.js";
import type { HandleBudget } from "./handle-budget.js";
import type { Settings } from "./settings.js";
import { StartupError } from "./startup-error.js";
import { workspaceListPath } from "./workspace-list.js";

/** Where the databases are, until it is closed. */
export type ClosableStorage = Storage & { close?(): Promise<void> };

/** Databases being opened at a time: as many as there are threads for it, and handles set aside. */
const OPENINGS_MAX = 4;

/** Takes hold of the data folder, or of nothing in memory. Throws `StartupError`. */
export async function openStorage(
  { inMemory, dataFolder }: Settings,
  reserve: FreeSpaceReserve,
  logger: Logger,
): Promise<ClosableStorage> {
  if (inMemory) return memoryStorage(() => new MemoryLevel(databaseEncoding));
  const opening = pLimit(OPENINGS_MAX);
  const folder = await reserve.withSpace(() => openDataFolder(dataFolder));
  tellFound(folder.found, logger);
  const open = folder.open.bind(folder);
  return Object.assign(folder, {
    open: (...which: Parameters<typeof open>) =>
      opening(() => reserve.whileOpening(() => open(...which))),
  });
}

/** What a store is made with, besides where its data is. */
export interface StoreParts {
  readonly settings: Settings;
  /** That `GetStatus` reports. */
  readonly version: string;
  readonly handles: HandleBudget;
  readonly reserve: FreeSpaceReserve;
  readonly logger: Logger;
}

/** The store that a server serves. What happens to its data is told in the log. */
export function createStore(
  storage: Storage,
  { settings, version, handles, reserve, logger }: StoreParts,
): EventStore {
  return new EventStore(storage, {
    version,
    openWorkspacesMax: handles.openWorkspacesMax,
    refuseWrites: (bytes) => reserve.refusal(bytes),
    onPendingBytes: (change) => reserve.pending(change),
    limits: settings.limits,
    appendIdRetentionMs: settings.appendIdRetentionMs,
    onWriteFailure: (workspace, err) => {
      if (isDamage(err)) {
        logger.error({ workspace, err }, "the database is damaged; appends are refused");
      } else if (isPassing(err)) {
        logger.error({ workspace, err }, `${reasonOf(err)}; the workspace is opened anew`);
      } else endProcess(workspace, err, logger);
    },
    onClockBehind: (behindMs) => tellOfClock(behindMs, logger),
    onDamage: (workspace, err) =>
      logger.error({ workspace, err }, "the log is damaged at its end; appends are refused"),
    onMissing: (workspace) => logger.error({ workspace }, MISSING),
  });
}

/** Learns at the start, not at the first call, that the log cannot be used. Throws `StartupError`. */
export async function openDefault(store: EventStore, { dataFolder }: Settings): Promise<void> {
  try {
    await store.open(DEFAULT_WORKSPACE);
  } catch (error) {
    const isMissing = asStoreError(error).reason === ErrorReason.WORKSPACE_MISSING;
    const path = workspaceListPath(dataFolder);
    const advice = isMissing ? `; if it is meant to be gone, delete its line in ${path}` : "";
    const message = `cannot open the log in ${dataFolder}: ${reasonOf(error)}${advice}`;
    throw new StartupError(message, error);
  }
}

const MISSING = "the data of the workspace is missing; calls on it fail";

function tellFound({ isNew, missing, added }: FoundWorkspaces, logger: Logger): void {
  if (isNew) logger.info("the data folder is new: it has no workspaces");
  for (const workspace of missing) logger.error({ workspace }, MISSING);
  if (added.length > 0) {
    logger.warn(
      { workspaces: added },
      "the list of workspaces did not have these, and has them now",
    );
  }
}

function tellOfClock(behindMs: number, logger: Logger): void {
  if (behindMs === 0) logger.info("the clock has caught up with the newest events");
  else {
    const what = "the clock is behind the newest events: it must have been set forward and back";
    logger.warn({ behindMs }, `${what}; until it has caught up, events have their time`);
  }
}

/**
 * What a disk that fails to write has kept cannot be known while this process
 * runs. The next start reads it, and checks it.
 */
function endProcess(workspace: string, err: unknown, logger: Logger): never {
  logger.fatal({ workspace, err }, "the disk failed to write; the server ends");
  process.exit(DISK_FAILURE_STATUS);
}
