import { create } from "@bufbuild/protobuf";
import { ReadRequestSchema } from "@varve/proto";
import { describe, expect, it, vi } from "vitest";
import { append, appendRequest, memoryDatabase, storeOn } from "../test-support/requests.js";

const EVENTS = 30;

describe("a read of large events", () => {
  it("has few blocks in memory at a time", async () => {
    const db = memoryDatabase();
    const store = storeOn(db, { tailBytesMax: 1, cacheBytesMax: 1 });
    const data = "x".repeat(700_000);
    for (let n = 0; n < EVENTS; n++) await append(store, appendRequest([{ stream: "s", data }]));
    const get = vi.spyOn(db, "get");
    const frames = store.read(create(ReadRequestSchema, { stream: "s" }));
    await frames.next();
    await frames.next();
    expect(get.mock.calls.length).toBeLessThan(10);
    let count = 1;
    for await (const _ of frames) count++;
    expect(count).toBe(EVENTS);
    expect(get.mock.calls.length).toBeLessThan(2 * EVENTS);
    await store.close();
  });
});
