import type { RecordedEvent } from "@varve/client";
import { describe, expect, it } from "vitest";
import { createTestStore } from "../test-store.js";
import { deterministicIds } from "./ids.js";
import { createRecordedEvents, recordedEvent } from "./recorded-events.js";

describe("recordedEvent", () => {
  it("makes up what is left out, the same each time", () => {
    const event: RecordedEvent = recordedEvent({ stream: "order-1", type: "order.Placed" });
    expect(event).toEqual({
      position: 1n,
      revision: 0n,
      stream: "order-1",
      recordedAt: new Date("2024-01-01T00:00:00Z"),
      id: event.id,
      type: "order.Placed",
      data: {},
      bytes: new TextEncoder().encode("{}"),
      contentType: "application/json",
      metadata: {},
      metadataBytes: new TextEncoder().encode("{}"),
      tags: [],
    });
    expect(recordedEvent({ stream: "order-1", type: "order.Placed" })).toEqual(event);
  });

  it("keeps what is given", () => {
    const given = {
      stream: "order-1",
      type: "order.Placed",
      data: { item: "lamp" },
      contentType: "application/vnd.order+json",
      metadata: { actor: "Ada" },
      tags: ["customer:42"],
      id: "018cc251-f400-7000-8000-000000000001",
      recordedAt: new Date("2030-01-01T00:00:00Z"),
    };
    const event = recordedEvent({ ...given, position: 17, revision: 3n });
    expect(event).toMatchObject({ ...given, position: 17n, revision: 3n });
  });

  it("gives the data as a reader gets it", () => {
    const { data } = recordedEvent({ stream: "s", type: "t", data: { a: undefined, b: 1 } });
    expect(Object.keys(data)).toEqual(["b"]);
    const bytes = new Uint8Array([1, 2]);
    const binary = recordedEvent({ stream: "s", type: "t", data: bytes });
    expect(binary).toMatchObject({ data: bytes, bytes, contentType: "application/octet-stream" });
  });

  it("refuses data that is no JSON", () => {
    expect(() => recordedEvent({ stream: "s", type: "t", data: () => 1 })).toThrow(TypeError);
  });
});

describe("createRecordedEvents", () => {
  it("counts positions, revisions of each stream, and seconds", () => {
    const recorded = createRecordedEvents();
    const events = ["a", "b", "a"].map((stream) => recorded({ stream, type: "t" }));
    expect(events.map((e) => e.position)).toEqual([1n, 2n, 3n]);
    expect(events.map((e) => e.revision)).toEqual([0n, 0n, 1n]);
    expect(events.map((e) => e.recordedAt.toISOString())).toEqual([
      "2024-01-01T00:00:00.000Z",
      "2024-01-01T00:00:01.000Z",
      "2024-01-01T00:00:02.000Z",
    ]);
    expect(new Set(events.map((e) => e.id)).size).toBe(3);
  });

  it("counts on from what is given", () => {
    const recorded = createRecordedEvents({ start: new Date(0), stepMs: 10 });
    recorded({ stream: "a", type: "t", position: 5, revision: 2 });
    const next = recorded({ stream: "a", type: "t" });
    expect(next).toMatchObject({ position: 6n, revision: 3n, recordedAt: new Date(50) });
  });

  it("builds what the store records", async () => {
    await using store = createTestStore();
    const recorded = createRecordedEvents();
    const init = { type: "order.Placed", data: { item: "lamp" }, tags: ["a"], metadata: { n: 1 } };
    const built = recorded({ stream: "order-1", ...init });
    await store.append("order-1", { ...init, id: built.id });
    const [read] = await store.read("order-1").toArray();
    expect(read).toMatchObject({ ...built, recordedAt: read?.recordedAt });
    expect(read?.data).toEqual(built.data);
  });
});

describe("deterministicIds", () => {
  it("gives the same ids for a seed, and others for another", () => {
    const [a, b, c] = ["x", "x", "y"].map((seed) => deterministicIds(seed));
    const ids = [a?.(), a?.(), a?.()];
    expect([b?.(), b?.(), b?.()]).toEqual(ids);
    expect(ids).not.toContain(c?.());
    expect(ids.toSorted()).toEqual(ids);
  });

  it("gives UUIDs that stay the same from release to release", () => {
    const nextId = deterministicIds("orders");
    expect(nextId()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(deterministicIds("orders")()).toMatchInlineSnapshot(
      `"018cc251-f400-7305-ba71-32b92f6eb334"`,
    );
  });
});
