import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type AppendRequest, GetStatusRequestSchema, type RecordedEvent } from "@varve/proto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { EventStore } from "../event-store.js";
import { appendIdKey } from "../format/keys.js";
import type { Database } from "../log/database.js";
import { all, backUp, entriesOf, restore, restoredStore } from "../test-support/backups.js";
import {
  append,
  appendRequest,
  memoryDatabase,
  nextId,
  replayAll,
  storeOn,
} from "../test-support/requests.js";
import { FIRST_MS, type SmallLog, STEP_MS, smallLog } from "../test-support/small-log.js";
import { verifyDatabase } from "../verify/verify-database.js";

const clock = (): number => FIRST_MS + 100 * STEP_MS;

let log: SmallLog;
let bytes: Buffer;
let events: RecordedEvent[];

beforeAll(async () => {
  log = await smallLog();
  bytes = await backUp(log.store);
  events = await replayAll(log.store);
});

function chainAt(head: number): Promise<Buffer> {
  return restore([bytes], { toPosition: head }).then(({ chain }) => chain);
}

async function isWritable(store: EventStore): Promise<boolean> {
  const status = await store.getStatus(create(GetStatusRequestSchema));
  return status.appendsRefused === undefined;
}

describe("a log restored to a position", () => {
  it("ends there, whichever position it is, and goes on from there", async () => {
    for (let head = 1; head <= 12; head++) {
      const store = await restoredStore([bytes], { toPosition: head }, { clock });
      expect(await replayAll(store)).toEqual(events.slice(0, head));
      expect(await isWritable(store)).toBe(true);
      const next = await append(store, appendRequest([{ stream: "order-1" }]));
      const revision = events.slice(0, head).filter(({ stream }) => stream === "order-1").length;
      expect(next).toMatchObject({
        firstPosition: BigInt(head + 1),
        streams: [{ firstRevision: BigInt(revision) }],
      });
    }
  });

  it("has an index that finds what it holds", async () => {
    for (let head = 1; head <= 12; head++) {
      const store = await restoredStore([bytes], { toPosition: head });
      for (const clause of [{ tags: ["a"] }, { types: ["plan.Made"] }]) {
        const request = { filter: { anyOf: [clause] } };
        const found = (await replayAll(log.store, request)).filter((e) => e.position <= head);
        expect(await replayAll(store, request)).toEqual(found);
      }
    }
  });

  it("remembers the append ids of what it holds whole, and no others", async () => {
    // Last positions of the appends: 1, 3, 4, 7, 12.
    for (const [head, repeats] of [
      [1, 1],
      [2, 1],
      [3, 2],
      [6, 3],
      [7, 4],
      [11, 4],
      [12, 5],
    ] as const) {
      const store = await restoredStore([bytes], { toPosition: head }, { clock });
      const again = [];
      for (const request of log.appends) again.push((await append(store, request)).repeat);
      expect(again.filter((repeat) => repeat)).toHaveLength(repeats);
      expect(again.indexOf(false)).toBe(repeats === 5 ? -1 : repeats);
    }
  });

  it("is, at the end of a block, byte for byte what it was then", async () => {
    const { db } = await restore([bytes], { toPosition: 7 });
    const blocks = (entries: [string, string][]): [string, string][] =>
      entries.filter(([key]) => key.startsWith("62"));
    const whole = blocks(await entriesOf(log.db));
    expect(blocks(await entriesOf(db))).toEqual(whole.slice(0, 5));
  });

  it("is refused beyond the end of the backups", async () => {
    await expect(restore([bytes], { toPosition: 13 })).rejects.toMatchObject({
      fault: "NOT_REACHED",
      message: "the backups do not reach so far: they end at position 12",
    });
  });
});

describe("a log restored to a time", () => {
  it("holds what was recorded at or before it", async () => {
    for (let ms = FIRST_MS - 1; ms <= FIRST_MS + 5 * STEP_MS; ms += STEP_MS / 4) {
      const store = await restoredStore([bytes], { toTimeMs: ms });
      const before = events.filter(
        ({ recordedAt }) => recordedAt !== undefined && timestampMs(recordedAt) <= ms,
      );
      expect(await replayAll(store)).toEqual(before);
      expect(await isWritable(store)).toBe(true);
    }
  });

  it("is refused after the time of the backup: what came then is not known", async () => {
    const toTimeMs = FIRST_MS + 5 * STEP_MS + 1;
    await expect(restore([bytes], { toTimeMs })).rejects.toMatchObject({
      fault: "NOT_REACHED",
      message: "the backups do not reach so far: they were made until 2023-11-14T22:13:25.000Z",
    });
  });
});

describe("a log restored from incremental backups", () => {
  const after = (position: number): Promise<Buffer> =>
    backUp(log.store, { afterPosition: BigInt(position) });

  it("is the same as from one, also where they overlap", async () => {
    const whole = await entriesOf(log.db);
    const until = async (position: number): Promise<Buffer> => {
      const { store } = await prefix(position);
      return backUp(store);
    };
    for (const series of [
      [bytes, await after(12)],
      [await until(4), await after(4)],
      [await until(7), await after(1)],
      [await until(1), await after(0)],
      [bytes, bytes, await after(3)],
    ]) {
      expect(await entriesOf((await restore(series)).db)).toEqual(whole);
    }
  });

  it("ends at a position or time in any of them", async () => {
    const { store } = await prefix(4);
    const series = [await backUp(store), await after(4)];
    for (let head = 1; head <= 12; head++) {
      const { chain } = await restore(series, { toPosition: head });
      expect(chain).toEqual(await chainAt(head));
      const copy = await restoredStore(series, { toPosition: head });
      expect(await replayAll(copy)).toEqual(events.slice(0, head));
    }
    expect(await restore(series, { toTimeMs: FIRST_MS + STEP_MS })).toMatchObject({ head: 3 });
    expect(await restore(series, { toTimeMs: FIRST_MS + 3 * STEP_MS })).toMatchObject({ head: 7 });
  });

  it("is refused if one is missing, or comes too early", async () => {
    const { store } = await prefix(1);
    const first = await backUp(store);
    for (const series of [[await after(4)], [first, await after(4)], [await after(3), first]]) {
      await expect(restore(series)).rejects.toMatchObject({ fault: "BACKUP_MISSING" });
    }
    await expect(restore([first, await after(4)])).rejects.toMatchObject({
      message: "a backup is missing: this one begins after position 4, those before it end at 1",
      place: { position: 1 },
    });
  });

  it("is refused if one is of another log", async () => {
    const other = await smallLog();
    const first = await backUp((await prefix(4)).store);
    for (const position of [4, 3, 0]) {
      const foreign = await backUp(other.store, { afterPosition: BigInt(position) });
      await expect(restore([first, foreign])).rejects.toMatchObject({
        fault: "OTHER_LOG",
        place: { position: 4 },
      });
    }
  });

  it("is refused if one is of the same log after it went another way", async () => {
    const { store } = await prefix(6);
    await append(store, appendRequest([{ stream: "s" }, { stream: "s" }]));
    const other = await backUp(store, { afterPosition: 6n });
    await expect(restore([bytes, other])).resolves.toMatchObject({ head: 12 });
    const first = await backUp((await prefix(7)).store);
    await expect(restore([first, other])).rejects.toMatchObject({ fault: "OTHER_LOG" });
  });

  /** The log as it was when it ended at a position. */
  async function prefix(position: number): Promise<{ store: EventStore }> {
    return { store: await restoredStore([bytes], { toPosition: position }, { clock }) };
  }
});

describe("append ids in incremental backups", () => {
  const HOUR = 3_600_000;
  const requests = (count: number, data?: string): AppendRequest[] =>
    Array.from({ length: count }, () =>
      appendRequest([{ stream: "s", ...(data && { data }) }], { appendId: nextId() }),
    );
  const findingsOf = async (db: Database): Promise<unknown[]> =>
    (await all(verifyDatabase(db))).filter(({ type }) => type === "finding");

  // Its story: the list of its first use, which an earlier backup still had, made the
  // restored log forget the id as soon as it was opened; a repeat was stored twice. And
  // no backup could be made of that log, as the list did not fit the append.
  it("that were used again after they had expired are remembered from then on", async () => {
    const db = memoryDatabase();
    let now = FIRST_MS;
    const open = (of: Database): EventStore =>
      storeOn(of, { clock: () => now, appendIdRetentionMs: 24 * HOUR });
    const isForgotten = async (of: Database, { appendId }: AppendRequest): Promise<void> => {
      const key = appendIdKey(Buffer.from(appendId.replaceAll("-", ""), "hex"));
      await vi.waitFor(async () => expect(await of.get(key)).toBeUndefined());
    };
    const [alone, reused, other, later, last] = requests(5) as [
      AppendRequest,
      AppendRequest,
      AppendRequest,
      AppendRequest,
      AppendRequest,
    ];
    const before = open(db);
    await append(before, alone);
    await Promise.all([append(before, reused), append(before, other)]);
    const first = await backUp(before);
    now += 25 * HOUR;
    await append(before, later);
    await isForgotten(db, other);
    await before.close();
    const after = open(db);
    for (const again of [alone, reused]) expect((await append(after, again)).repeat).toBe(false);
    const second = await backUp(after, { afterPosition: 3n });

    const restored = await restore([first, second]);
    expect(restored).toMatchObject({ head: 6, appendIds: 4 });
    expect(await findingsOf(restored.db)).toEqual([]);
    const opened = open(restored.db);
    await append(opened, last);
    await isForgotten(restored.db, other);
    await opened.close();
    const copy = open(restored.db);
    expect(await append(copy, alone)).toMatchObject({ repeat: true, lastPosition: 5n });
    expect(await append(copy, reused)).toMatchObject({ repeat: true, lastPosition: 6n });
    await backUp(copy);
  });

  it("are listed once, also where the backups overlap in the middle of a group", async () => {
    const db = memoryDatabase();
    const store = storeOn(db, { clock });
    // Large enough for a block of its own.
    const appends = requests(3, "x".repeat(40 * 1024));
    await Promise.all(appends.map((request) => append(store, request)));
    const whole = await backUp(store);
    const beginning = await backUp(await restoredStore([whole], { toPosition: 2 }, { clock }));
    for (const afterPosition of [0n, 1n, 2n]) {
      const end = await backUp(store, { afterPosition });
      const restored = await restore([beginning, end]);
      expect(restored).toMatchObject({ head: 3, appendIds: 3 });
      expect(await findingsOf(restored.db)).toEqual([]);
      const copy = storeOn(restored.db, { clock });
      for (const again of appends) expect((await append(copy, again)).repeat).toBe(true);
    }
  });
});
