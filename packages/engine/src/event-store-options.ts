import type { StoreError } from "./errors.js";
import type { Limits } from "./limits.js";
import type { WorkspacesOptions } from "./workspace/workspaces.js";
import { ClockWatch } from "./write/clock-watch.js";

/** How an event store runs. Every option has a default. */
export interface EventStoreOptions {
  /** Version that `GetStatus` reports. Default: "0.0.0". */
  readonly version?: string;
  /** What requests may hold. */
  readonly limits?: Partial<Limits>;
  /** The time, in ms since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
  /** How long append ids are remembered, ms. Default: 24 hours. */
  readonly appendIdRetentionMs?: number;
  /** A workspace that nobody uses is closed after this time, ms. Default: 5 minutes. */
  readonly workspaceIdleMs?: number;
  /** Workspaces open at a time. Default: 64. */
  readonly openWorkspacesMax?: number;
  /** Newest blocks kept in memory, per workspace, bytes. Default: 8 MiB. */
  readonly tailBytesMax?: number;
  /** Other blocks kept in memory, per workspace, bytes. Default: 32 MiB. */
  readonly cacheBytesMax?: number;
  /** Newest events of streams that are read, kept in memory, per workspace, bytes. Default: 24 MiB. */
  readonly recentBytesMax?: number;
  /** Streams whose last revision is kept in memory, per workspace. Default: 100,000. */
  readonly streamHeadsMax?: number;
  /** Asked before every append, and every snapshot: why so many bytes are refused, if they are. */
  readonly refuseWrites?: (bytes: number) => StoreError | undefined;
  /** Told how many bytes more are to be written, or, if negative, are written or given up. */
  readonly onPendingBytes?: (change: number) => void;
  /** Told when the disk refused a write; the workspace is then opened anew. */
  readonly onWriteFailure?: (workspace: string, cause: unknown) => void;
  /**
   * Told how far the clock is behind the time of what has been recorded, ms: once, when that
   * is found, and once more, with 0, when the clock has caught up.
   */
  readonly onClockBehind?: (behindMs: number) => void;
  /** Told when the end of a log is found damaged; the workspace is then read-only. */
  readonly onDamage?: (workspace: string, damage: StoreError) => void;
  /** Told when the data of an open workspace is not where it was; calls on it then fail. */
  readonly onMissing?: (workspace: string) => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The options with their defaults. */
export function workspacesOptionsOf(options: EventStoreOptions, limits: Limits): WorkspacesOptions {
  return {
    clock: options.clock ?? Date.now,
    appendIdRetentionMs: options.appendIdRetentionMs ?? DAY_MS,
    idleMs: options.workspaceIdleMs ?? 5 * 60 * 1000,
    openMax: options.openWorkspacesMax ?? 64,
    tailBytesMax: options.tailBytesMax ?? 8 * 1024 * 1024,
    cacheBytesMax: options.cacheBytesMax ?? 32 * 1024 * 1024,
    recentBytesMax: options.recentBytesMax ?? 24 * 1024 * 1024,
    streamHeadsMax: options.streamHeadsMax ?? 100_000,
    conditionLookUpsMax: limits.conditionLookUpsMax,
    clockWatch: new ClockWatch(options.onClockBehind ?? (() => {})),
    refuseWrites: options.refuseWrites ?? (() => undefined),
    onPendingBytes: options.onPendingBytes ?? (() => {}),
    onWriteFailure: options.onWriteFailure ?? (() => {}),
    onDamage: options.onDamage ?? (() => {}),
    onMissing: options.onMissing ?? (() => {}),
  };
}
