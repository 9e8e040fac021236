/**
 * B0, B1 and B2: what the disk and LevelDB cost without a server, on the core of the
 * servers.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { databaseEncoding } from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { serveCalls } from "../process/remote.ts";
import { median } from "../statistics.ts";
import { type CapturedBatch, captureBatches, type Level, logBytes, moveOn } from "./batches.ts";
import type { DiskCalls } from "./disk.ts";
import { scanBlocks } from "./scan.ts";
import { syncLoop } from "./sync-loop.ts";

const folder = process.argv[2] as string;
let batches: readonly CapturedBatch[] = [];
let events = 0;
let written: Level | undefined;
let scanned: Level | undefined;

serveCalls<DiskCalls>({
  sync: async ({ bytes, seconds }) => syncLoop(join(folder, "sync"), bytes, seconds),
  capture: async (options) => {
    batches = await captureBatches(await newFolder(), options);
    events = batches.reduce((sum, batch) => sum + batch.events, 0);
    written = await open(await newFolder());
    const bytes = batches.map((batch) => logBytes(batch));
    return { batches: batches.length, events, bytesPerBatch: median(bytes) };
  },
  write: async (seconds) => writeBatches(written as Level, seconds),
  scan: async ({ database, seconds }) => {
    scanned ??= await open(join(database, "workspaces", "default"));
    return scanBlocks(scanned, seconds);
  },
});

let folders = 0;

async function newFolder(): Promise<string> {
  const path = join(folder, String(folders++));
  await mkdir(path, { recursive: true });
  return path;
}

async function open(path: string): Promise<Level> {
  const db: Level = new ClassicLevel(path, databaseEncoding);
  await db.open();
  return db;
}

/** B1: one synced batch after the other, each with new keys. */
async function writeBatches(
  db: Level,
  seconds: number,
): Promise<{ events: number; seconds: number }> {
  const startedMs = performance.now();
  let count = 0;
  let nowMs = startedMs;
  for (let i = 0; nowMs < startedMs + seconds * 1000; i++) {
    const batch = batches[i % batches.length] as CapturedBatch;
    const writing = db.batch([...batch.writes], { sync: true });
    // LevelDB has copied it; this costs nothing while the disk is waited for.
    moveOn(batch, events);
    await writing;
    count += batch.events;
    nowMs = performance.now();
  }
  return { events: count, seconds: (nowMs - startedMs) / 1000 };
}
