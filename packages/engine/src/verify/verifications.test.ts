import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { GetStatusRequestSchema, type Verification } from "@varve/proto";
import { beforeEach, describe, expect, it } from "vitest";
import type { EventStore } from "../event-store.js";
import { blockKey } from "../format/keys.js";
import type { Database } from "../log/database.js";
import { append, appendRequest, memoryDatabase, storeOn } from "../test-support/requests.js";

let db: Database;
let store: EventStore;
let timeMs = 0;

beforeEach(async () => {
  db = memoryDatabase();
  timeMs = 1_000_000;
  store = storeOn(db, { clock: () => timeMs++ });
  for (let n = 0; n < 3; n++) await append(store, appendRequest([{ stream: "s" }]));
});

async function verification(): Promise<Verification | undefined> {
  return (await store.getStatus(create(GetStatusRequestSchema))).verification;
}

async function checkAll(findingsBefore?: number): Promise<void> {
  for await (const _ of store.verify("", { findingsBefore }));
}

describe("the status of a workspace", () => {
  it("tells of no check before the first", async () => {
    expect(await verification()).toBeUndefined();
  });

  it("tells how far a check is, and then what it found", async () => {
    await db.put(blockKey(2), Buffer.of(1));
    const reports = store.verify("default");
    await reports.next();
    expect(await verification()).toMatchObject({ startedAt: {}, findings: 1n });
    expect((await verification())?.finishedAt).toBeUndefined();
    for await (const _ of reports);
    const done = await verification();
    expect(done).toMatchObject({ position: 3n, findings: 1n });
    if (!done?.startedAt || !done.finishedAt) throw new Error("times are missing");
    expect(timestampMs(done.finishedAt)).toBeGreaterThan(timestampMs(done.startedAt));
  });

  it("counts in what was found before", async () => {
    await checkAll(2);
    expect(await verification()).toMatchObject({ position: 3n, findings: 2n });
  });

  it("keeps the check before one that is cut off", async () => {
    const cutOff = store.verify("");
    await cutOff.next();
    await cutOff.return(undefined);
    expect(await verification()).toBeUndefined();
    await checkAll();
    const first = await verification();
    await db.del(blockKey(2));
    const another = store.verify("");
    await another.next();
    await another.return(undefined);
    expect(await verification()).toEqual(first);
  });
});

describe("a check of a workspace", () => {
  it("ends with the signal's reason", async () => {
    const reports = store.verify("", { signal: AbortSignal.abort(new Error("enough")) });
    await expect(reports.next()).rejects.toThrow("enough");
  });

  it("does not keep the store from being closed, and ends with it", async () => {
    const reports = store.verify("");
    await reports.next();
    await store.close();
    const rest = (async () => {
      for await (const _ of reports);
    })();
    await expect(rest).rejects.toThrow("the database is being closed");
  });
});
