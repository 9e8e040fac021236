import { Direction, type RecordedEvent } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { positions, type ReadInit, range, read, replay, revisions } from "../support/frames.js";
import { largeEvents, newEvent, newEvents, ofCategory, ofStream } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

/** A stream "s" of ten events, with other streams in between. */
async function appendTenEvents(client: StoreClient): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const [first, second] = newEvents("s", 2);
    if (first && second) await client.append({ events: [first, newEvent("other"), second] });
  }
}

const backwards = Direction.BACKWARDS;

describe("a read", () => {
  const server = sharedServer(appendTenEvents);
  const ranges: [string, Omit<ReadInit, "$typeName">, number[]][] = [
    ["everything", {}, range(0, 9)],
    ["everything forwards", { direction: Direction.FORWARDS }, range(0, 9)],
    ["everything backwards", { direction: backwards }, range(9, 0)],
    ["from 0", { fromRevision: 0n }, range(0, 9)],
    ["from the middle", { fromRevision: 5n }, range(5, 9)],
    ["from the last", { fromRevision: 9n }, [9]],
    ["from beyond the last", { fromRevision: 10n }, []],
    ["from far beyond the last", { fromRevision: 2n ** 63n - 1n }, []],
    ["to 0", { toRevision: 0n }, [0]],
    ["to the middle", { toRevision: 4n }, range(0, 4)],
    ["to the last", { toRevision: 9n }, range(0, 9)],
    ["to beyond the last", { toRevision: 10n }, range(0, 9)],
    ["to far beyond the last", { toRevision: 2n ** 63n - 1n }, range(0, 9)],
    ["from and to the same", { fromRevision: 3n, toRevision: 3n }, [3]],
    ["from and to", { fromRevision: 3n, toRevision: 6n }, range(3, 6)],
    ["from after to", { fromRevision: 6n, toRevision: 3n }, []],
    ["limit 1", { limit: 1n }, [0]],
    ["a limit below the count", { limit: 9n }, range(0, 8)],
    ["a limit of the count", { limit: 10n }, range(0, 9)],
    ["a limit above the count", { limit: 11n }, range(0, 9)],
    ["the greatest limit", { limit: 2n ** 63n - 1n }, range(0, 9)],
    ["a limit after from", { fromRevision: 4n, limit: 3n }, [4, 5, 6]],
    ["a limit wider than the range", { fromRevision: 8n, limit: 3n }, [8, 9]],
    ["backwards, the range is the same", { direction: backwards, toRevision: 3n }, range(3, 0)],
    [
      "backwards from and to",
      { direction: backwards, fromRevision: 3n, toRevision: 6n },
      [6, 5, 4, 3],
    ],
    ["backwards with a limit", { direction: backwards, limit: 3n }, [9, 8, 7]],
    ["backwards, limit 1", { direction: backwards, limit: 1n }, [9]],
    ["backwards, a limit below to", { direction: backwards, toRevision: 6n, limit: 2n }, [6, 5]],
    ["backwards from beyond the last", { direction: backwards, fromRevision: 10n }, []],
  ];
  it.each(ranges)("gives %s", async (_, request, expected) => {
    const { client } = server();
    const { header, events } = await read(client, { ...request, stream: "s" });
    expect(revisions(events)).toEqual(expected);
    expect(events.every(({ stream }) => stream === "s")).toBe(true);
    expect(header).toMatchObject({ exists: true, lastRevision: 9n, head: 15n });
  });

  it("says of a stream without events that it does not exist", async () => {
    const { client } = server();
    const { header, events, kinds } = await read(client, { stream: "missing" });
    expect(header).toMatchObject({ exists: false, head: 15n });
    expect(header.lastRevision).toBeUndefined();
    expect(events).toEqual([]);
    expect(kinds).toEqual(["header"]);
  });

  it("does not take a name that only begins alike for the stream", async () => {
    const { client } = await startTestServer();
    await client.append({ events: [newEvent("order-1"), newEvent("order-10"), newEvent("order")] });
    for (const stream of ["order", "order-1", "order-10"]) {
      const { events } = await read(client, { stream });
      expect(events.map((event) => event.stream)).toEqual([stream]);
    }
  });

  it("gives positions that rise with the revisions", async () => {
    const { client } = server();
    const { events } = await read(client, { stream: "s" });
    expect(events.map(({ position }) => Number(position))).toEqual([
      1, 3, 4, 6, 7, 9, 10, 12, 13, 15,
    ]);
  });

  it("sends the header first, and then only events", async () => {
    const { client } = server();
    const { kinds } = await read(client, { stream: "s" });
    expect(kinds[0]).toBe("header");
    expect(new Set(kinds.slice(1))).toEqual(new Set(["events"]));
  });

  it.each(["-", "a b", "ä", "日本-1", "a/b/../c", "..", "\ufeffbom", "x".repeat(512)])(
    "finds a stream whatever its name: %j",
    async (stream) => {
      const { client } = await startTestServer();
      await client.append({ events: newEvents(stream, 2) });
      const { events } = await read(client, { stream });
      expect(events.map((event) => event.stream)).toEqual([stream, stream]);
    },
  );
});

describe("a read with a filter", () => {
  /** Revisions 0 to 8; the type goes a, b, c, a …; every second has a tag. */
  const server = sharedServer(async (client) => {
    const events = range(0, 8).map((n) =>
      newEvent("s-1", { type: `type.${"abc"[n % 3]}`, tags: n % 2 === 0 ? ["even"] : [] }),
    );
    await client.append({ events: events.slice(0, 4) });
    await client.append({ events: events.slice(4) });
  });

  const filters: [string, NonNullable<ReadInit["filter"]>, number[]][] = [
    ["a type", { anyOf: [{ types: ["type.b"] }] }, [1, 4, 7]],
    ["two types", { anyOf: [{ types: ["type.b", "type.c"] }] }, [1, 2, 4, 5, 7, 8]],
    ["a prefix", { anyOf: [{ types: ["type.*"] }] }, range(0, 8)],
    ["a tag", { anyOf: [{ tags: ["even"] }] }, [0, 2, 4, 6, 8]],
    ["a type and a tag", { anyOf: [{ types: ["type.a"], tags: ["even"] }] }, [0, 6]],
    ["either", { anyOf: [{ types: ["type.b"] }, { tags: ["even"] }] }, [0, 1, 2, 4, 6, 7, 8]],
    ["its own stream", { anyOf: [ofStream("s-1")] }, range(0, 8)],
    ["its own category", { anyOf: [ofCategory("s")] }, range(0, 8)],
    ["another stream", { anyOf: [ofStream("s-2")] }, []],
    ["nothing that is there", { anyOf: [{ types: ["type"] }] }, []],
    ["no clause", { anyOf: [] }, range(0, 8)],
  ];
  it.each(filters)("gives only what matches %s", async (_, filter, expected) => {
    const { client } = server();
    const forwards = await read(client, { stream: "s-1", filter });
    expect(revisions(forwards.events)).toEqual(expected);
    const { events } = await read(client, { stream: "s-1", filter, direction: backwards });
    expect(revisions(events)).toEqual(expected.toReversed());
    expect(forwards.header).toMatchObject({ exists: true, lastRevision: 8n });
  });

  it("counts the limit over what matches", async () => {
    const { client } = server();
    const filter = { anyOf: [{ types: ["type.b"] }] };
    const { events } = await read(client, { stream: "s-1", filter, limit: 2n });
    expect(revisions(events)).toEqual([1, 4]);
    const last = await read(client, { stream: "s-1", filter, limit: 2n, direction: backwards });
    expect(revisions(last.events)).toEqual([7, 4]);
  });

  it("keeps to the range", async () => {
    const { client } = server();
    const filter = { anyOf: [{ tags: ["even"] }] };
    const request = { stream: "s-1", filter, fromRevision: 1n, toRevision: 6n };
    expect(revisions((await read(client, request)).events)).toEqual([2, 4, 6]);
  });
});

describe("a read while appends go on", () => {
  it("gives the stream as it was at the head that the header tells, whole", async () => {
    const { client, connect } = await startTestServer();
    let over = false;
    const write = async (writer: StoreClient): Promise<void> => {
      while (!over) await writer.append({ events: [...newEvents("s", 3), newEvent("other")] });
    };
    const writing = [connect(), connect()].map(write);
    for (const _ of range(1, 40)) {
      const { header, events } = await read(client, { stream: "s" });
      expect(revisions(events)).toEqual(header.exists ? range(0, Number(header.lastRevision)) : []);
      expect(events.length % 3).toBe(0);
      expect(events.at(-1)?.position ?? 0n).toBeLessThanOrEqual(header.head);
      const log = await replay(client);
      expect(positions(log.events)).toEqual(
        log.header.head === 0n ? [] : range(1, Number(log.header.head)),
      );
    }
    over = true;
    await Promise.all(writing);
  });
});

describe("a read of a large stream", () => {
  const server = sharedServer(async (client) => {
    for (let i = 0; i < 5; i++) {
      await client.append({ events: [...newEvents("s", 1000), newEvent("other")] });
    }
  });

  it("gives every event, over several blocks and frames", async () => {
    const { client } = server();
    const { events } = await read(client, { stream: "s" });
    expect(revisions(events)).toEqual(range(0, 4999));
    const last = await read(client, { stream: "s", direction: backwards });
    expect(revisions(last.events)).toEqual(range(4999, 0));
  });

  it("goes in frames of about 256 KiB, and a larger event in one of its own", async () => {
    const { client } = await startTestServer();
    await client.append({ events: largeEvents("s", 40, 30_000) });
    await client.append({ events: largeEvents("s", 1, 1024 * 1024) });
    const sizes: number[] = [];
    for await (const { frame } of client.read({ stream: "s" })) {
      if (frame.case === "events") sizes.push(sizeOf(frame.value.events));
    }
    expect(sizes.length).toBeGreaterThan(4);
    for (const size of sizes.slice(0, -1)) expect(size).toBeLessThan(400_000);
  });

  it.each([
    ["in the middle of a block", 1234n, 3210n],
    ["over one revision", 2500n, 2500n],
    ["at both ends", 0n, 4999n],
  ])("gives a range exactly: %s", async (_, fromRevision, toRevision) => {
    const { client } = server();
    const expected = range(Number(fromRevision), Number(toRevision));
    const request = { stream: "s", fromRevision, toRevision };
    expect(revisions((await read(client, request)).events)).toEqual(expected);
    const last = await read(client, { ...request, direction: backwards });
    expect(revisions(last.events)).toEqual(expected.toReversed());
  });

  it("gives what each event was sent with", async () => {
    const { client } = await startTestServer();
    const sent = range(0, 299).map((n) => newEvent("s", { data: `${n}`.repeat(1000) }));
    for (let i = 0; i < 300; i += 50) await client.append({ events: sent.slice(i, i + 50) });
    const { events } = await read(client, { stream: "s" });
    expect(events.map(({ event }) => event?.id)).toEqual(sent.map(({ event }) => event?.id));
    for (const [n, { event }] of events.entries()) {
      expect(Buffer.from(event?.data ?? []).toString()).toBe(`${n}`.repeat(1000));
    }
  });
});

function sizeOf(events: readonly RecordedEvent[]): number {
  return events.reduce((size, { event }) => size + (event?.data.length ?? 0), 0);
}
