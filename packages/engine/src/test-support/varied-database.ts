import { create } from "@bufbuild/protobuf";
import { SaveSnapshotRequestSchema } from "@varve/proto";
import type { EventStore } from "../event-store.js";
import type { Database } from "../log/database.js";
import { append, appendRequest, memoryDatabase, nextId, storeOn } from "./requests.js";

/** A log of everything that there can be, of some dozens of blocks. The store is closed. */
export async function variedDatabase(): Promise<Database> {
  const db = memoryDatabase();
  const store = storeOn(db);
  for (let round = 0; round < 8; round++) await appendRound(store, round);
  await saveSnapshots(store);
  await store.close();
  await db.open();
  return db;
}

/** Appends of every kind, some of which share a group. */
export async function appendRound(store: EventStore, round: number): Promise<void> {
  const streams = ["order-1", "order-2", "a", "-", "é-ü", `round-${round}`];
  const mixed = streams.map((stream, i) => ({
    stream,
    type: `type.${i % 3}`,
    // Some of them twice: it is the same tag.
    tags: [`round:${round}`, ...(i % 2 === 0 ? ["even", "ünïcödé", "even"] : [])],
  }));
  const single = (n: number) => [{ stream: `counter-${n % 3}`, data: "x".repeat(n * 40) }];
  await append(store, appendRequest(mixed, { appendId: nextId() }));
  await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      append(store, appendRequest(single(n), n % 2 === 0 ? { appendId: nextId() } : {})),
    ),
  );
  await append(store, appendRequest([{ stream: "large", data: "x".repeat(70_000) }]));
  const many = Array.from({ length: 40 }, (_, n) => ({ stream: "many", data: "y".repeat(n * 50) }));
  await append(store, appendRequest([...many, ...mixed]));
}

async function saveSnapshots(store: EventStore): Promise<void> {
  for (const [stream, revision] of [
    ["many", 7n],
    ["order-1", 0n],
  ] as const) {
    const snapshot = { stream, revision, schemaType: "state/1", data: Buffer.from("state") };
    await store.saveSnapshot(create(SaveSnapshotRequestSchema, { snapshot }));
  }
}
