import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { percentile } from "../statistics.ts";

export interface SyncTimes {
  readonly syncs: number;
  readonly seconds: number;
  /** Of one write with its sync, µs. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly leastUs: number;
}

/**
 * B0: appends so many bytes to a file and waits until the disk has them, again and
 * again, as LevelDB does with its log. No commit can be faster than this.
 */
export function syncLoop(file: string, bytes: number, seconds: number): SyncTimes {
  const data = Buffer.alloc(bytes, "varve");
  const fd = openSync(file, "w");
  const timesUs: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let nowMs = startedMs;
  while (nowMs < endMs || timesUs.length === 0) {
    writeSync(fd, data);
    fdatasyncSync(fd);
    const doneMs = performance.now();
    timesUs.push((doneMs - nowMs) * 1000);
    nowMs = doneMs;
  }
  closeSync(fd);
  rmSync(file);
  return {
    syncs: timesUs.length,
    seconds: (nowMs - startedMs) / 1000,
    p50Us: percentile(timesUs, 50),
    p99Us: percentile(timesUs, 99),
    leastUs: percentile(timesUs, 0),
  };
}
