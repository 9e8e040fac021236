import { create } from "@bufbuild/protobuf";
import { GetStatusRequestSchema } from "@varve/proto";
import { describe, expect, it, vi } from "vitest";
import { EventStore, type EventStoreOptions } from "../event-store.js";
import type { Database } from "../log/database.js";
import { append, appendRequest, memoryDatabase } from "../test-support/requests.js";
import { memoryStorage } from "./memory-storage.js";

/** A store, and the databases that it has opened, by the order of their creation. */
function storeWith(options: EventStoreOptions): { store: EventStore; databases: Database[] } {
  const databases: Database[] = [];
  const storage = memoryStorage(() => {
    const db = memoryDatabase();
    databases.push(db);
    return db;
  });
  return { store: new EventStore(storage, options), databases };
}

async function headOf(store: EventStore, workspace: string): Promise<bigint> {
  return (await store.getStatus(create(GetStatusRequestSchema, { workspace }))).head;
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

  it("makes room for another when it is idle, and not when it is in use", async () => {
    const { store, databases } = storeWith({ openWorkspacesMax: 1 });
    await append(store, appendRequest([{ stream: "s" }], { workspace: "a" }));
    await append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    expect(databases.map((db) => db.status)).toEqual(["closed", "open"]);
    const inUse = append(store, appendRequest([{ stream: "s" }], { workspace: "b" }));
    const another = append(store, appendRequest([{ stream: "s" }], { workspace: "c" }));
    await expect(another).rejects.toThrow("too many workspaces are in use");
    await inUse;
    await append(store, appendRequest([{ stream: "s" }], { workspace: "c" }));
    await store.close();
  });

  it("that does not exist is not created by asking", async () => {
    const { store, databases } = storeWith({});
    await expect(headOf(store, "a")).rejects.toThrow('there is no workspace "a"');
    expect(databases).toEqual([]);
    expect(await headOf(store, "")).toBe(0n);
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
