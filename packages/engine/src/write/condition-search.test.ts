import { ErrorReason } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { StoreError } from "../errors.js";
import type { EventStore } from "../event-store.js";
import type { EventStoreOptions } from "../event-store-options.js";
import type { Database } from "../log/database.js";
import {
  append,
  appendRequest,
  memoryDatabase,
  nextId,
  replayAll,
  storeOn,
} from "../test-support/requests.js";
import type { AppendCaller } from "./item.js";

type Clause = { readonly types?: string[]; readonly tags?: string[] };

function query(clauses: readonly Clause[], after?: number): object {
  const filter = { anyOf: clauses };
  const value = { filter, ...(after !== undefined && { after: BigInt(after) }) };
  return { kind: { case: "query", value } };
}

const request = (...conditions: object[]) => appendRequest([{ stream: "x" }], { conditions });

/** Every other event has the tag "a", the others "b": none has both. Nothing but the last block is in memory. */
async function halves(blocks: number, options: EventStoreOptions = {}): Promise<Halves> {
  const db = memoryDatabase();
  const store = storeOn(db, { tailBytesMax: 1, cacheBytesMax: 1, ...options });
  for (let n = 0; n < blocks; n++) {
    const drafts = ["a", "b"].map((tag) => ({ stream: "s", tags: [tag, `${tag}:2`] }));
    await append(store, appendRequest(drafts));
  }
  return { db, store };
}

interface Halves {
  readonly db: Database;
  readonly store: EventStore;
}

/** How many entries of the index are read meanwhile. */
async function entriesRead(db: Database, run: () => Promise<unknown>): Promise<number> {
  const iterator = db.iterator.bind(db) as (options: object) => { nextv: (n: number) => unknown };
  let entries = 0;
  const counting = (options: object): object => {
    const made = iterator(options);
    const nextv = made.nextv.bind(made) as (n: number) => Promise<unknown[]>;
    const counted = async (size: number): Promise<unknown[]> => {
      const found = await nextv(size);
      entries += found.length;
      return found;
    };
    return Object.assign(made, { nextv: counted });
  };
  Object.assign(db, { iterator: counting });
  await run();
  Object.assign(db, { iterator });
  return entries;
}

async function failureOf(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof StoreError) return error;
  throw new Error("it was expected to fail", { cause: error });
}

const broad = [{ tags: ["a", "b"] }];

/** Holds back what is read of the index, until it is let go on. */
function holdReads(db: Database): { begun: Promise<void>; goOn: () => void } {
  const iterator = db.iterator.bind(db) as (options: object) => { nextv: (n: number) => unknown };
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const held = (options: object): object => {
    const made = iterator(options);
    const nextv = made.nextv.bind(made);
    const late = async (size: number): Promise<unknown> => {
      begun.resolve();
      await gate.promise;
      return nextv(size);
    };
    return Object.assign(made, { nextv: late });
  };
  Object.assign(db, { iterator: held });
  return {
    begun: begun.promise,
    goOn: () => {
      Object.assign(db, { iterator });
      gate.resolve();
    },
  };
}

describe("the search for an append's conditions", () => {
  it("looks equal conditions and clauses up once, in whatever order they come", async () => {
    const { db, store } = await halves(200);
    const once = await entriesRead(db, () => append(store, request(query(broad))));
    const same = [
      query([{ tags: ["b", "a"] }]),
      query([{ tags: ["a", "b", "a"] }, { tags: ["b", "a"] }]),
      query(broad, 10),
      query([{ tags: ["a", "b"], types: [] }], 100),
    ];
    const all = await entriesRead(db, () => append(store, request(query(broad), ...same)));
    expect(all).toBeLessThan(once + 20);
    const [first, second] = [{ tags: ["a:2", "b"] }, { tags: ["a", "b:2"] }];
    const overlapping = request(query([...broad, first]), query([second, ...broad]), query(broad));
    const shared = await entriesRead(db, () => append(store, overlapping));
    const each = [request(query([...broad, first])), request(query([second]))];
    const apart = await entriesRead(db, async () => {
      for (const one of each) await append(store, one);
    });
    expect(shared).toBeLessThan(apart + 40);
    await store.close();
  });

  it("tells each condition's own match, though they are looked up in another order", async () => {
    const { store } = await halves(20);
    const conditions = [query([{ tags: ["a"] }], 30), query([{ tags: ["a"] }], 4), query(broad)];
    const failure = await failureOf(append(store, request(...conditions)));
    expect(failure.reason).toBe(ErrorReason.CONDITION_FAILED);
    expect(failure.message).toBe("2 conditions do not hold");
    await store.close();
  });

  it("is refused beyond its bound, and tells which condition was too broad", async () => {
    const { store } = await halves(100, { limits: { conditionLookUpsMax: 150 } });
    const narrow = query([{ tags: ["c"] }]);
    const failure = await failureOf(append(store, request(narrow, query(broad))));
    expect(failure.reason).toBe(ErrorReason.SEARCH_TOO_BROAD);
    expect(failure.metadata).toEqual({
      limit: "conditionLookUpsMax",
      maximum: "150",
      condition: "1",
    });
    await append(store, request(narrow, query(broad, 180)));
    expect(await replayAll(store)).toHaveLength(201);
    await store.close();
  });

  it("does not hold up other appends", async () => {
    const { db, store } = await halves(50);
    const reads = holdReads(db);
    const searching = append(store, request(query(broad)));
    await reads.begun;
    const other = await append(store, appendRequest([{ stream: "s" }]));
    expect(other.firstPosition).toBe(101n);
    reads.goOn();
    expect((await searching).firstPosition).toBe(102n);
    await store.close();
  });

  it("takes into account what others append meanwhile", async () => {
    const { db, store } = await halves(50);
    const reads = holdReads(db);
    const searching = failureOf(append(store, request(query(broad))));
    await reads.begun;
    await append(store, appendRequest([{ stream: "s", tags: ["a", "b"] }]));
    reads.goOn();
    expect((await searching).reason).toBe(ErrorReason.CONDITION_FAILED);
    await store.close();
  });

  it("is made up for where more has come than is in memory", async () => {
    const { db, store } = await halves(50);
    const reads = holdReads(db);
    const [holds, fails] = [query(broad), query([{ tags: ["late", "b"] }])];
    const searching = [append(store, request(holds)), failureOf(append(store, request(fails)))];
    await reads.begun;
    await append(store, appendRequest([{ stream: "s", tags: ["late", "b"] }]));
    for (let n = 0; n < 3; n++) await append(store, appendRequest([{ stream: "s" }]));
    reads.goOn();
    const [stored, refused] = await Promise.all(searching);
    expect(stored).toMatchObject({ firstPosition: 105n });
    expect(refused).toMatchObject({ reason: ErrorReason.CONDITION_FAILED });
    await store.close();
  });

  it("keeps the order of a call that is kept in order, and lets others pass", async () => {
    const { db, store } = await halves(50);
    const caller = { aborted: false, inOrder: true };
    const reads = holdReads(db);
    const first = append(store, request(query(broad)), caller);
    const second = append(store, appendRequest([{ stream: "s" }]), caller);
    const third = append(store, request(query(broad, 20)), caller);
    await reads.begun;
    const other = append(store, appendRequest([{ stream: "s" }]), { ...caller });
    expect((await other).firstPosition).toBe(101n);
    reads.goOn();
    const positions = (await Promise.all([first, second, third])).map((r) => r.firstPosition);
    expect(positions).toEqual([102n, 103n, 104n]);
    await store.close();
  });

  it("ends when its caller is gone, and those behind it go on", async () => {
    const { db, store } = await halves(50);
    const caller = { aborted: false, inOrder: true };
    const reads = holdReads(db);
    const first = failureOf(append(store, request(query(broad)), caller));
    const second = append(store, appendRequest([{ stream: "s" }]), caller);
    await reads.begun;
    caller.aborted = true;
    reads.goOn();
    expect((await first).message).toBe("the call is over");
    expect((await second).firstPosition).toBe(101n);
    await store.close();
  });

  it("ends at a stop, and is known not to be stored", async () => {
    const { db, store } = await halves(50);
    const reads = holdReads(db);
    const searching = failureOf(append(store, request(query(broad))));
    await reads.begun;
    const stopped = store.stop();
    reads.goOn();
    await stopped;
    expect((await searching).reason).toBe(ErrorReason.SERVER_STOPPING);
    await store.close();
  });

  it("is not made for a repeat", async () => {
    const { db, store } = await halves(50);
    const appendId = nextId();
    const sent = appendRequest([{ stream: "x" }], { appendId, conditions: [query(broad)] });
    const first = await append(store, sent);
    await append(store, appendRequest([{ stream: "s", tags: ["a", "b"] }]));
    const entries = await entriesRead(db, async () => {
      const repeat = await append(store, sent);
      expect(repeat).toMatchObject({ firstPosition: first.firstPosition, repeat: true });
    });
    expect(entries).toBe(0);
    await store.close();
  });

  it("is made for many at a time", async () => {
    const { store } = await halves(100);
    const callers: AppendCaller[] = Array.from({ length: 5 }, () => ({
      aborted: false,
      inOrder: true,
    }));
    const appends = Array.from({ length: 100 }, (_, n) =>
      append(store, request(query(broad, n), query([{ tags: [`${n}`] }])), callers[n % 6]),
    );
    const positions = (await Promise.all(appends)).map((r) => Number(r.firstPosition));
    expect(positions.toSorted((a, b) => a - b)).toEqual(positions.map((_, i) => 201 + i));
    callers.forEach((_, c) => {
      const ofCall = positions.filter((_, n) => n % 6 === c);
      expect(ofCall).toEqual(ofCall.toSorted((a, b) => a - b));
    });
    await store.close();
  });
});
