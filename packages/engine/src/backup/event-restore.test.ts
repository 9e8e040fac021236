import { create, toBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { AppendRequestSchema, type RecordedEvent } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { all } from "../test-support/backups.js";
import { memoryDatabase, replayAll, storeOn } from "../test-support/requests.js";
import { smallLog } from "../test-support/small-log.js";
import { verifyDatabase } from "../verify/verify-database.js";
import { EventRestore } from "./event-restore.js";

function requestOf({ stream, event }: Pick<RecordedEvent, "stream" | "event">): Buffer {
  const request = create(AppendRequestSchema, { events: [{ stream, ...(event && { event }) }] });
  return Buffer.from(toBinary(AppendRequestSchema, request));
}

function timeOf({ recordedAt }: RecordedEvent): number {
  return recordedAt ? timestampMs(recordedAt) : Number.NaN;
}

describe("a log made of events with their times", () => {
  it("holds them at the places and times that they had, and verifies", async () => {
    const events = await replayAll((await smallLog()).store);
    const db = memoryDatabase();
    const restore = new EventRestore(db);
    for (const event of events) await restore.add(requestOf(event), timeOf(event));
    const last = events.at(-1) as RecordedEvent;
    expect(await restore.finish()).toMatchObject({ head: events.length, timeMs: timeOf(last) });
    expect(await replayAll(storeOn(db))).toEqual(events);
    const reports = await all(verifyDatabase(db));
    expect(reports.filter(({ type }) => type === "finding")).toEqual([]);
  });

  it("refuses what an append would be refused for, and times that run backwards", async () => {
    const [event] = await replayAll((await smallLog()).store);
    const restore = new EventRestore(memoryDatabase());
    await restore.add(requestOf(event as RecordedEvent), 1000);
    const nameless = requestOf({ ...(event as RecordedEvent), stream: "" });
    await expect(restore.add(nameless, 1000)).rejects.toThrow("stream: is required");
    await expect(restore.add(requestOf(event as RecordedEvent), 999)).rejects.toThrow(RangeError);
    expect(restore.head).toBe(1);
  });
});
