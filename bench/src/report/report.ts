import type { Result } from "../comparison/result.ts";
import type { Facts } from "../machine/facts.ts";

/** A run: what was measured, where, and how. What `bench/results/latest.json` holds. */
export interface Report extends Facts {
  /** What has to be typed to run it again. */
  readonly command: string;
  readonly seconds: number;
  readonly repeats: number;
  /** Whether servers and load had cores of their own. */
  readonly pinned: boolean;
  /** Of each kind of database. */
  readonly events: Readonly<Record<string, number>>;
  readonly sync: SyncReport;
  /** What other programs used of the machine, the median of it; 1 is one core. Linux only. */
  readonly othersBusy?: number;
  /** What a reader has to know. */
  readonly notes: readonly string[];
  readonly results: readonly Result[];
}

/** What this disk takes to make an append of one event durable (B0), µs. */
export interface SyncReport {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly leastUs: number;
  /** Bytes of each write. */
  readonly bytes: number;
  /** Whether the disk can be believed. */
  readonly durable: boolean;
}

/** No disk that keeps what it says it keeps is as fast as that. */
export const DURABLE_US_MIN = 30;

/**
 * If others use more of one core than that, the figures are not to be trusted. Some of it
 * is the system's own work for what is measured, such as writing to the disk.
 */
export const OTHERS_BUSY_MAX = 0.1;

/** Why nothing of a run may be called durable. */
export function notDurable({ p50Us }: Pick<SyncReport, "p50Us">): string {
  return (
    `NOT DURABLE: this disk answers a sync in ${p50Us.toFixed(1)} µs. A disk needs ` +
    `${DURABLE_US_MIN} µs and more to keep anything through a loss of power; this one is ` +
    "memory, or reports what it has not done. No figure of this run says what a durable " +
    "append costs."
  );
}
