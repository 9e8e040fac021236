import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type FilterSchema,
  GetStatusRequestSchema,
  ReplayRequestSchema,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "@varve/proto";
import { describe, expect, it, vi } from "vitest";
import { EventStore } from "../event-store.js";
import type { EventStoreOptions } from "../event-store-options.js";
import { SearchTurns } from "../index/search-turns.js";
import type { Database } from "../log/database.js";
import { append, appendRequest, memoryDatabase } from "../test-support/requests.js";
import { memoryStorage } from "./memory-storage.js";
import type { Storage } from "./workspaces.js";

/** A store, and the databases that it has opened, by the order of their creation. */
function storeWith(options: EventStoreOptions): {
  store: EventStore;
  storage: Storage;
  databases: Database[];
} {
  const databases: Database[] = [];
  const storage = memoryStorage(() => {
    const db = memoryDatabase();
    databases.push(db);
    return db;
  });
  return { store: new EventStore(storage, options), storage, databases };
}

async function headOf(store: EventStore, workspace: string): Promise<bigint> {
  return (await store.getStatus(create(GetStatusRequestSchema, { workspace }))).head;
}

type Kind = SubscribeResponse["frame"]["case"];

/** A subscription from the start, taken frame by frame. */
class Followed {
  readonly positions: bigint[] = [];
  readonly #abort = new AbortController();
  readonly #frames: AsyncGenerator<Buffer>;

  constructor(
    store: EventStore,
    workspace: string,
    filter?: MessageInitShape<typeof FilterSchema>,
  ) {
    const request = create(SubscribeRequestSchema, { workspace, ...(filter && { filter }) });
    this.#frames = store.subscribe(request, this.#abort.signal);
  }

  async until(kind: Kind): Promise<void> {
    while ((await this.#next()) !== kind);
  }

  async untilPosition(position: bigint): Promise<void> {
    while (this.positions.at(-1) !== position) await this.#next();
  }

  async end(): Promise<void> {
    this.#abort.abort();
    while (!(await this.#frames.next()).done);
  }

  async #next(): Promise<Kind> {
    const { done, value } = await this.#frames.next();
    if (done) throw new Error("the subscription ended");
    const { frame } = fromBinary(SubscribeResponseSchema, value);
    if (frame.case === "events") {
      this.positions.push(...frame.value.events.map(({ position }) => position));
    }
    return frame.case;
  }
}

describe("a workspace", () => {
  it("is closed when nobody has used it for a while, and opened anew when someone does", async () => {
    const { store, databases } = storeWith({ workspaceIdleMs: 20 });
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    await vi.waitFor(() => expect(databases[0]?.status).toBe("closed"));
    expect(await headOf(store, "a")).toBe(1n);
    expect(databases[0]?.status).toBe("open");
    await store.close();
    expect(databases[0]?.status).toBe("closed");
  });

  it("makes room for another, the one that was used longest ago first", async () => {
    const { store, databases } = storeWith({ openWorkspacesMax: 2 });
    for (const workspace of ["a", "b", "a", "c"]) {
      await append(store, appendRequest([{ stream: "s" }], { workspace }));
    }
    expect(databases.map((db) => db.status)).toEqual(["open", "closed", "open"]);
    await store.close();
  });

  it("makes room for another when its appends are answered, and loses none of them", async () => {
    const { store } = storeWith({ openWorkspacesMax: 1 });
    const appends = Array.from({ length: 60 }, (_, i) =>
      append(store, appendRequest([{ stream: "s" }], { workspace: `w${i % 3}` })),
    );
    await Promise.all(appends);
    for (const workspace of ["w0", "w1", "w2"]) expect(await headOf(store, workspace)).toBe(20n);
    await store.close();
  });

  // 64 subscriptions that waited kept every other workspace from being opened.
  it("is open only while its subscription reads", async () => {
    const { store, databases } = storeWith({ openWorkspacesMax: 8 });
    const names = Array.from({ length: 300 }, (_, i) => `w${i}`);
    const followed = names.map((workspace) => new Followed(store, workspace));
    await Promise.all(followed.map((each) => each.until("caughtUp")));
    // None of them exists so far.
    expect(databases).toEqual([]);
    for (let round = 1; round <= 2; round++) {
      const requests = names.map((workspace) => appendRequest([{ stream: "s" }], { workspace }));
      await Promise.all(requests.map((request) => append(store, request)));
      await Promise.all(followed.map((each) => each.untilPosition(BigInt(round))));
      expect(databases.filter((db) => db.status === "open").length).toBeLessThanOrEqual(8);
    }
    await Promise.all(followed.map((each) => each.end()));
    await store.close();
  });

  it("is closed for others while the client of its subscription takes nothing", async () => {
    const { store, databases } = storeWith({ openWorkspacesMax: 1 });
    for (let n = 0; n < 3; n++) {
      const large = { stream: "s", data: "x".repeat(300_000) };
      await append(store, appendRequest([large], { workspace: "a" }));
    }
    const slow = new Followed(store, "a");
    await slow.untilPosition(1n);
    await append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    expect(databases.map((db) => db.status)).toEqual(["closed", "open"]);
    await slow.untilPosition(3n);
    expect(slow.positions).toEqual([1n, 2n, 3n]);
    await slow.end();
    await store.close();
  });

  // What a search had open in a workspace that was closed under it was counted for good:
  // after some thousand times all searches of the store read a few entries at a time.
  it("that is closed under a search counts none of its cursors any longer", async () => {
    const opened = vi.spyOn(SearchTurns.prototype, "openCursor");
    const closed = vi.spyOn(SearchTurns.prototype, "closeCursors");
    const { store } = storeWith({ openWorkspacesMax: 1 });
    const toOther = () => append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    for (let n = 0; n < 3; n++) {
      const large = { stream: "s", data: "x".repeat(300_000) };
      await append(store, appendRequest([large], { workspace: "a" }));
    }
    // So many that the index is asked where the matches are.
    const others = Array.from({ length: 100 }, () => ({ stream: "o" }));
    for (let n = 0; n < 42; n++) await append(store, appendRequest(others, { workspace: "a" }));
    const slow = new Followed(store, "a", {
      anyOf: [{ source: { case: "stream", value: "s" } }],
    });
    await slow.untilPosition(1n);
    await toOther();
    await slow.untilPosition(3n);
    await slow.end();
    await store.close();
    expect(opened.mock.calls.length).toBeGreaterThan(1);
    const sum = closed.mock.calls.reduce((count, [cursors]) => count + cursors, 0);
    expect(sum).toBe(opened.mock.calls.length);
    vi.restoreAllMocks();
  });

  it("is closed for others while the client of a replay takes nothing, which is told so", async () => {
    const { store } = storeWith({ openWorkspacesMax: 1 });
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    const slow = store.replay(create(ReplayRequestSchema, { workspace: "a" }));
    await slow.next();
    await append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    await expect(slow.next()).rejects.toMatchObject({
      message: expect.stringContaining("all 1 workspaces that may be open at a time are in use"),
      metadata: { limit: "open-workspaces", maximum: "1" },
    });
    await store.close();
  });

  it("that is in use is waited for, and not without end", async () => {
    const { store } = storeWith({ openWorkspacesMax: 1 });
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    // A check does not stop for others.
    const check = store.verify("a");
    await check.next();
    const another = append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    await expect(another).rejects.toMatchObject({
      metadata: { limit: "open-workspaces", maximum: "1" },
    });
    const third = append(store, appendRequest([{ stream: "s" }], { workspace: "c" }));
    await check.return(undefined);
    await third;
    await store.close();
  });

  it("that does not exist is not created by asking", async () => {
    const { store, databases } = storeWith({});
    expect(await headOf(store, "a")).toBe(0n);
    expect(databases).toEqual([]);
    const check = store.verify("a");
    await expect(check.next()).rejects.toThrow('there is no workspace "a"');
    expect(databases).toEqual([]);
    await store.close();
  });

  // Whether a failed write was stored is known only by the database that is opened anew.
  it("whose write failed is followed on, from what was stored after all", async () => {
    const { store, databases } = storeWith({});
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    const followed = new Followed(store, "a");
    await followed.until("caughtUp");
    const db = databases[0] as Database;
    const original = db.batch.bind(db) as unknown as () => ReturnType<typeof db.batch>;
    const stored = original();
    const write = stored.write.bind(stored);
    vi.spyOn(stored, "write").mockImplementation(async () => {
      await write();
      throw Object.assign(new Error("IO error: No space left on device"), {
        code: "LEVEL_IO_ERROR",
      });
    });
    vi.spyOn(db as unknown as { batch: () => unknown }, "batch").mockReturnValueOnce(stored);
    const failed = append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    await expect(failed).rejects.toThrow("whether the events are stored is not known");
    await followed.untilPosition(2n);
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    await followed.untilPosition(3n);
    await followed.end();
    await store.close();
  });

  it("whose data is gone acknowledges nothing more, and ends who follows it", async () => {
    const lost = new Set<string>();
    const told: string[] = [];
    const { store, storage } = storeWith({ onMissing: (workspace) => told.push(workspace) });
    storage.isThere = (workspace) => !lost.has(workspace);
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    const followed = new Followed(store, "a");
    await followed.until("caughtUp");
    lost.add("a");
    const late = append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    store.checkStorage();
    await expect(late).rejects.toThrow("whether the events are stored is not known");
    await expect(followed.until("heartbeat")).rejects.toThrow('the data of the workspace "a"');
    expect(told).toEqual(["a"]);
    await append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    await store.close();
  });

  it.each([
    ["LEVEL_CORRUPTION", "Corruption: bad block"],
    ["LEVEL_IO_ERROR", "IO error: /data/workspaces/a/000005.ldb: Invalid argument"],
    ["", "IO error: /data/workspaces/a/000005.ldb: No such file or directory"],
  ])("whose database reports damage (%s %s) is read-only from then on", async (code, message) => {
    const { store, databases } = storeWith({});
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    const damage = Object.assign(new Error(message), { code });
    const failing = { put: () => {}, write: () => Promise.reject(damage) };
    const database = databases[0] as unknown as { batch: () => object };
    const batch = vi.spyOn(database, "batch").mockReturnValueOnce(failing);
    const again = (): Promise<unknown> =>
      append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    await expect(again()).rejects.toThrow("whether the events are stored is not known");
    await vi.waitFor(() => expect(again()).rejects.toThrow("the database reports damage"));
    expect(await headOf(store, "a")).toBe(1n);
    expect(batch).toHaveBeenCalledTimes(1);
    await append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    await store.close();
  });
});
