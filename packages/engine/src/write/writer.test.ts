import { create } from "@bufbuild/protobuf";
import { type AppendRequest, ErrorReason, SaveSnapshotRequestSchema } from "@varve/proto";
import { describe, expect, it, vi } from "vitest";
import { StoreError } from "../errors.js";
import type { EventStore } from "../event-store.js";
import { KeySpace } from "../format/constants.js";
import { appendIdKey } from "../format/keys.js";
import type { Database } from "../log/database.js";
import {
  append,
  appendRequest,
  encode,
  memoryDatabase,
  nextId,
  replayAll,
  storeOn,
} from "../test-support/requests.js";

const revision = (stream: string, last: number): object => ({
  kind: {
    case: "stream",
    value: { stream, expected: { case: "revision", value: BigInt(last) } },
  },
});

async function reasonOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof StoreError ? ErrorReason[error.reason] : undefined;
}

/** Lets batches through one at a time, and can make them fail. */
function controlBatches(db: Database): { release: (error?: Error) => void; waiting: () => number } {
  const gates: ((error?: Error) => void)[] = [];
  const begin = db.batch.bind(db) as () => ReturnType<Database["batch"]>;
  const batch = (): ReturnType<Database["batch"]> => {
    const begun = begin();
    const write = begun.write.bind(begun);
    const gated = async (options: object): Promise<void> => {
      const error = await new Promise<Error | undefined>((resolve) => gates.push(resolve));
      if (error) throw error;
      return write(options);
    };
    return Object.assign(begun, { write: gated });
  };
  Object.assign(db, { batch });
  return { release: (error) => gates.shift()?.(error), waiting: () => gates.length };
}

/** Lets one look-up of append ids at a time through; then no more are held back. */
function controlLookUps(db: Database): { release: () => void; waiting: () => number } {
  const gates: (() => void)[] = [];
  const getMany = db.getMany.bind(db);
  Object.assign(db, {
    getMany: async (keys: Buffer[]) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return getMany(keys);
    },
  });
  const release = (): void => {
    Object.assign(db, { getMany });
    for (const gate of gates.splice(0)) gate();
  };
  return { release, waiting: () => gates.length };
}

/** Holds back what has been read of the lists by which append ids expire; one at a time, or no more. */
function controlExpiryReads(db: Database): {
  release: () => void;
  end: () => void;
  waiting: () => number;
} {
  type Iterator = { nextv: (size: number) => Promise<unknown> };
  const gates: (() => void)[] = [];
  const iterator = db.iterator.bind(db) as (options: { gte?: Buffer }) => Iterator;
  Object.assign(db, {
    iterator: (options: { gte?: Buffer }) => {
      const made = iterator(options);
      if (options.gte?.[0] !== KeySpace.appendIdExpiry) return made;
      const nextv = made.nextv.bind(made);
      const held = async (size: number): Promise<unknown> => {
        const entries = await nextv(size);
        await new Promise<void>((resolve) => gates.push(resolve));
        return entries;
      };
      return Object.assign(made, { nextv: held });
    },
  });
  const end = (): void => {
    Object.assign(db, { iterator });
    for (const gate of gates.splice(0)) gate();
  };
  return { release: () => gates.shift()?.(), end, waiting: () => gates.length };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe("the writer", () => {
  it("collects what arrives during a write into one group", async () => {
    const db = memoryDatabase();
    const store = storeOn(db);
    await store.open("default");
    const gate = controlBatches(db);
    const first = append(store, appendRequest([{ stream: "a" }]));
    await until(() => gate.waiting() === 1);
    const rest = Array.from({ length: 50 }, () => append(store, appendRequest([{ stream: "a" }])));
    gate.release();
    await first;
    await until(() => gate.waiting() === 1);
    gate.release();
    const responses = await Promise.all(rest);
    expect(responses.map((r) => Number(r.firstPosition))).toEqual(rest.map((_, i) => i + 2));
  });

  // It asked itself for more, again and again, and no timer and no answer came in between.
  it("waits for look-ups without keeping anybody else from going on", async () => {
    const db = memoryDatabase();
    const store = storeOn(db);
    await store.open("default");
    const lookUps = controlLookUps(db);
    const withId = () => append(store, appendRequest([{ stream: "a" }], { appendId: nextId() }));
    const first = Array.from({ length: 20 }, withId);
    await until(() => lookUps.waiting() === 1);
    const second = Array.from({ length: 20 }, withId);
    await new Promise((resolve) => setTimeout(resolve, 5));
    lookUps.release();
    expect(await Promise.all([...first, ...second])).toHaveLength(40);
    await store.close();
  });

  it("shows nothing, and refuses nothing, that rests on events not yet durable", async () => {
    const db = memoryDatabase();
    const store = storeOn(db);
    await store.open("default");
    const gate = controlBatches(db);
    const answered: string[] = [];
    const winner = append(store, appendRequest([{ stream: "a" }])).then(() =>
      answered.push("winner"),
    );
    const noStream = revision("a", 7);
    const loser = reasonOf(
      append(store, appendRequest([{ stream: "a" }], { conditions: [noStream] })),
    ).then((reason) => answered.push(String(reason)));
    await until(() => gate.waiting() === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toEqual([]);
    expect(await replayAll(store)).toEqual([]);
    gate.release();
    await Promise.all([winner, loser]);
    expect(answered).toEqual(["winner", "CONDITION_FAILED"]);
  });

  it("after a failed write answers nothing but errors, and goes on once opened anew", async () => {
    const db = memoryDatabase();
    const store = storeOn(db);
    const kept = appendRequest([{ stream: "a" }], { appendId: nextId() });
    await append(store, kept);
    const gate = controlBatches(db);
    const lost = appendRequest([{ stream: "a" }], { appendId: nextId() });
    const failing = reasonOf(append(store, lost));
    await until(() => gate.waiting() === 1);
    const behind = reasonOf(append(store, appendRequest([{ stream: "a" }])));
    gate.release(new Error("no space left"));
    expect(await failing).toBe("APPEND_OUTCOME_UNKNOWN");
    expect(await behind).toBe("STORAGE_UNAVAILABLE");
    const retry = append(store, lost);
    await until(() => gate.waiting() === 1);
    gate.release();
    expect(await retry).toMatchObject({ firstPosition: 2n, repeat: false });
    expect((await replayAll(store)).map((e) => Number(e.revision))).toEqual([0, 1]);
  });

  // Its story: on a full disk the workspace was never opened anew, because an append
  // whose look-up was still under way when the write failed was waited for in vain.
  it("goes on after a failed write during which another append was being prepared", async () => {
    const db = memoryDatabase();
    const store = storeOn(db);
    await store.open("default");
    const batches = controlBatches(db);
    const failing = reasonOf(
      append(store, appendRequest([{ stream: "a" }], { appendId: nextId() })),
    );
    await until(() => batches.waiting() === 1);
    const lookUps = controlLookUps(db);
    // Enough of them to be looked up by a thread.
    const preparing = Array.from({ length: 40 }, () =>
      reasonOf(append(store, appendRequest([{ stream: "b" }], { appendId: nextId() }))),
    );
    await until(() => lookUps.waiting() === 1);
    batches.release(new Error("no space left"));
    expect(await failing).toBe("APPEND_OUTCOME_UNKNOWN");
    lookUps.release();
    expect(new Set(await Promise.all(preparing))).toEqual(new Set(["STORAGE_UNAVAILABLE"]));
    const later = append(store, appendRequest([{ stream: "c" }]));
    await until(() => batches.waiting() === 1);
    batches.release();
    expect((await later).lastPosition).toBe(1n);
  });

  it("finishes what is under way when it stops, and refuses what comes then", async () => {
    const store = storeOn(memoryDatabase());
    const under = append(store, appendRequest([{ stream: "a" }]));
    await new Promise((resolve) => setImmediate(resolve));
    const stopping = store.stop();
    expect(await reasonOf(append(store, appendRequest([{ stream: "a" }])))).toBe("SERVER_STOPPING");
    await stopping;
    expect((await under).lastPosition).toBe(1n);
  });

  // Its story: what had been read for an append of many streams pushed itself out of
  // memory, and was read again, for ever.
  it("decides appends of more streams than it keeps in memory", async () => {
    const store = storeOn(memoryDatabase(), { streamHeadsMax: 2 });
    const streams = ["a", "b", "c", "d", "e"].map((stream) => ({ stream }));
    await append(store, appendRequest(streams));
    const conditions = streams.map(({ stream }) => revision(stream, 0));
    const rivals = Array.from({ length: 3 }, () =>
      append(store, appendRequest(streams, { conditions })),
    );
    const outcomes = await Promise.allSettled(rivals);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect((await replayAll(store)).map((e) => Number(e.revision)).slice(5)).toEqual([
      1, 1, 1, 1, 1,
    ]);
  });

  it("never lets time run backwards", async () => {
    let now = 1000;
    const store = storeOn(memoryDatabase(), { clock: () => now });
    await append(store, appendRequest([{ stream: "a" }]));
    now = 10;
    await append(store, appendRequest([{ stream: "a" }]));
    const times = (await replayAll(store)).map((e) => e.recordedAt?.seconds);
    expect(times).toEqual([1n, 1n]);
  });

  it("tells what is to be written, until it is written or given up", async () => {
    const db = memoryDatabase();
    const changes: number[] = [];
    const pending = (): number => changes.reduce((sum, change) => sum + change, 0);
    const onPendingBytes = (change: number): void => void changes.push(change);
    const store = storeOn(db, { onPendingBytes });
    await store.open("default");
    const gate = controlBatches(db);
    const large = appendRequest([{ stream: "a", data: "x".repeat(100_000) }]);
    const refused = appendRequest([{ stream: "a" }], { conditions: [revision("a", 7)] });
    const written = [append(store, large), append(store, refused).catch(() => {})];
    expect(pending()).toBeGreaterThan(100_000);
    await until(() => gate.waiting() === 1);
    gate.release();
    await Promise.all(written);
    expect(pending()).toBe(0);

    const data = new Uint8Array(50_000);
    const snapshot = { stream: "a", revision: 0n, schemaType: "s/1", data };
    const saving = store.saveSnapshot(create(SaveSnapshotRequestSchema, { snapshot }));
    await until(() => gate.waiting() === 1);
    expect(pending()).toBeGreaterThan(50_000);
    gate.release();
    await saving;
    expect(pending()).toBe(0);

    const failing = append(store, large).catch(() => {});
    await until(() => gate.waiting() === 1);
    const waiting = append(store, large).catch(() => {});
    gate.release(new Error("the disk is full"));
    await Promise.all([failing, waiting]);
    expect(pending()).toBe(0);
  });

  it("asks about a write with its bytes; for one that is refused nothing is opened", async () => {
    const db = memoryDatabase();
    await db.open();
    const open = vi.spyOn(db, "open");
    const full = new StoreError(ErrorReason.STORAGE_FULL, "the disk is full");
    const refuseWrites = (bytes: number): StoreError | undefined =>
      bytes > 10_000 ? full : undefined;
    const store = storeOn(db, { refuseWrites });
    const large = appendRequest([{ stream: "a", data: "x".repeat(10_000) }]);
    expect(await reasonOf(append(store, large))).toBe("STORAGE_FULL");
    expect(open).not.toHaveBeenCalled();
    expect(await reasonOf(append(store, appendRequest([{ stream: "a" }])))).toBeUndefined();
    expect(await reasonOf(append(store, large))).toBe("STORAGE_FULL");
    expect(await replayAll(store)).toHaveLength(1);
  });

  it("refuses more than it can hold in memory", async () => {
    const db = memoryDatabase();
    const store = storeOn(db);
    await store.open("default");
    const gate = controlBatches(db);
    const request = encode(appendRequest([{ stream: "a", data: "x".repeat(1024 * 1024) }]));
    const appends = Array.from({ length: 80 }, () => reasonOf(store.append(request)));
    const stepper = setInterval(() => gate.release(), 1);
    const reasons = await Promise.all(appends);
    clearInterval(stepper);
    expect(reasons.filter((r) => r === "OVERLOADED").length).toBeGreaterThan(0);
    const stored = reasons.filter((r) => r === undefined).length;
    expect(stored).toBeGreaterThan(50);
    expect(await replayAll(store)).toHaveLength(stored);
  });
});

describe("append ids", () => {
  const HOUR = 3_600_000;
  const keyOf = ({ appendId }: AppendRequest): Buffer =>
    appendIdKey(Buffer.from(appendId.replaceAll("-", ""), "hex"));
  const remember = async (store: EventStore, appendId: string): Promise<boolean> =>
    (await append(store, appendRequest([{ stream: "a" }], { appendId }))).repeat;

  it("are forgotten after the retention time, and not before", async () => {
    let now = HOUR;
    const db = memoryDatabase();
    const open = (): EventStore =>
      storeOn(db, { clock: () => now, appendIdRetentionMs: 24 * HOUR });
    const request = appendRequest([{ stream: "a" }], { appendId: nextId() });
    const first = open();
    expect((await append(first, request)).repeat).toBe(false);
    now += 24 * HOUR - 1;
    await remember(first, nextId());
    expect((await append(first, request)).repeat).toBe(true);
    now += HOUR;
    await remember(first, nextId());
    await vi.waitFor(async () => expect(await db.get(keyOf(request))).toBeUndefined());
    await first.close();
    // Those that are in memory are only forgotten by a restart.
    const second = open();
    expect((await append(second, request)).repeat).toBe(false);
  });

  // Its story: while many were being forgotten, which takes longer than until it is due
  // again, a second pass began. It deleted anew what the first one had deleted, and with
  // it an id that had been used again in between.
  it("that are used again are not forgotten with their first use", async () => {
    let now = HOUR;
    const db = memoryDatabase();
    const open = (): EventStore =>
      storeOn(db, { clock: () => now, appendIdRetentionMs: 24 * HOUR });
    const request = appendRequest([{ stream: "a" }], { appendId: nextId() });
    const first = open();
    await append(first, request);
    await first.close();
    now += 25 * HOUR;
    const second = open();
    await second.open("default");
    const reads = controlExpiryReads(db);
    await remember(second, nextId());
    now += HOUR;
    await remember(second, nextId());
    await until(() => reads.waiting() > 0);
    reads.release();
    await vi.waitFor(async () => expect(await db.get(keyOf(request))).toBeUndefined());
    expect((await append(second, request)).repeat).toBe(false);
    reads.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await second.close();
    expect((await append(open(), request)).repeat).toBe(true);
  });
});
