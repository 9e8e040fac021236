import { create, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range, read } from "../support/frames.js";
import {
  type AppendInit,
  type ClauseInit,
  type EventFields,
  newEvent,
  newEvents,
  noStream,
} from "../support/requests.js";
import { startTestServer } from "../support/server.js";

const KiB = 1024;
const MiB = 1024 * KiB;

type Call = (client: StoreClient) => Promise<unknown>;

/** Expects the one call to work, and the other to be refused for a field. */
async function expectEdge(
  client: StoreClient,
  atMaximum: Call,
  beyond: Call,
  field: string,
): Promise<void> {
  await atMaximum(client);
  const failed = await expectFailure(beyond(client), "INVALID_REQUEST");
  expect(failed.fields).toEqual([field]);
}

function appending(fields: EventFields, stream = "s"): Call {
  return (client) => client.append({ events: [newEvent(stream, fields)] });
}

/** JSON of exactly so many bytes. */
function metadataOf(bytes: number): string {
  return `{"k":"${"x".repeat(bytes - 8)}"}`;
}

/** An append whose request has exactly so many bytes, in events of less than 1 MiB. */
function requestOf(bytes: number): AppendInit {
  const withLast = (size: number): AppendInit => ({
    events: [...Array<number>(5).fill(0.75 * MiB), size].map((n) =>
      newEvent("s", { data: new Uint8Array(n) }),
    ),
  });
  const guess = bytes - 3.75 * MiB - KiB;
  const request = withLast(guess + bytes - sizeOf(withLast(guess)));
  expect(sizeOf(request)).toBe(bytes);
  return request;
}

function sizeOf(request: AppendInit): number {
  return toBinary(AppendRequestSchema, create(AppendRequestSchema, request)).length;
}

function tags(count: number): string[] {
  return range(1, count).map((n) => `tag:${n}`);
}

describe("a default limit works at its maximum and not beyond:", () => {
  const ofEvents: [string, EventFields, EventFields, string][] = [
    [
      "event data of 1 MiB",
      { data: new Uint8Array(MiB).fill(7) },
      { data: new Uint8Array(MiB + 1) },
      "events[0].event.data",
    ],
    [
      "a type of 256 bytes",
      { type: "t".repeat(256) },
      { type: "t".repeat(257) },
      "events[0].event.type",
    ],
    [
      "a type of 256 bytes in characters of two",
      { type: "ä".repeat(128) },
      { type: `${"ä".repeat(128)}t` },
      "events[0].event.type",
    ],
    [
      "metadata of 64 KiB",
      { metadata: metadataOf(64 * KiB) },
      { metadata: metadataOf(64 * KiB + 1) },
      "events[0].event.metadata",
    ],
    [
      "a content type of 256 bytes",
      { contentType: "c".repeat(256) },
      { contentType: "c".repeat(257) },
      "events[0].event.content_type",
    ],
    ["32 tags", { tags: tags(32) }, { tags: tags(33) }, "events[0].event.tags"],
    [
      "a tag of 256 bytes",
      { tags: ["t".repeat(256)] },
      { tags: ["t".repeat(257)] },
      "events[0].event.tags[0]",
    ],
  ];
  it.each(ofEvents)("%s", async (_, atMaximum, beyond, field) => {
    const { client } = await startTestServer();
    await expectEdge(client, appending(atMaximum), appending(beyond), field);
    const { events } = await read(client, { stream: "s" });
    expect(events).toHaveLength(1);
    expect(events[0]?.event).toMatchObject(atMaximum);
  });

  it.each([
    ["s", "x"],
    ["ä", "x"],
    ["\u{1f600}", "x"],
  ])("a stream name of 512 bytes in characters of %j", async (character, one) => {
    const { client } = await startTestServer();
    const name = character.repeat(512 / Buffer.byteLength(character));
    await expectEdge(client, appending({}, name), appending({}, name + one), "events[0].stream");
    const { events } = await read(client, { stream: name });
    expect(events.map(({ stream }) => stream)).toEqual([name]);
    expect((await client.listStreams({})).streams.map(({ stream }) => stream)).toEqual([name]);
  });

  it("a tag that is given 33 times counts once", async () => {
    const { client } = await startTestServer();
    await client.append({ events: [newEvent("s", { tags: Array(33).fill("tag") })] });
    expect((await client.getStatus({})).head).toBe(1n);
  });

  it("an append of 4,096 events", async () => {
    const { client } = await startTestServer();
    const answer = await client.append({ events: newEvents("s", 4096) });
    expect(answer.lastPosition).toBe(4096n);
    const call = client.append({ events: newEvents("s", 4097) });
    const { metadata } = await expectFailure(call, "APPEND_TOO_LARGE");
    expect(metadata).toMatchObject({ maximum: "4096", actual: "4097" });
    expect(metadata.limit).toBeTruthy();
    expect((await client.getStatus({})).head).toBe(4096n);
  });

  it("an append of 4 MiB", async () => {
    const { client } = await startTestServer();
    await client.append(requestOf(4 * MiB));
    const call = client.append(requestOf(4 * MiB + 1));
    const { metadata } = await expectFailure(call, "APPEND_TOO_LARGE");
    expect(metadata).toMatchObject({ maximum: String(4 * MiB), actual: String(4 * MiB + 1) });
    expect(metadata.limit).toBeTruthy();
    expect((await client.getStatus({})).head).toBe(6n);
    expect((await read(client, { stream: "s" })).events).toHaveLength(6);
  });

  it("64 conditions", async () => {
    const { client } = await startTestServer();
    const conditions = range(1, 65).map((n) => noStream(`missing-${n}`));
    await expectEdge(
      client,
      (c) => c.append({ events: [newEvent("s")], conditions: conditions.slice(1) }),
      (c) => c.append({ events: [newEvent("s")], conditions }),
      "conditions",
    );
  });

  const filters: [string, ClauseInit[], ClauseInit[], string][] = [
    ["32 clauses", clauses(32), clauses(33), "filter.any_of"],
    ["64 types", [{ types: types(64) }], [{ types: types(65) }], "filter.any_of[0].types"],
    ["32 tags", [{ tags: tags(32) }], [{ tags: tags(33) }], "filter.any_of[0].tags"],
    [
      "a prefix of 256 bytes",
      [{ types: [`${"t".repeat(256)}*`] }],
      [{ types: [`${"t".repeat(257)}*`] }],
      "filter.any_of[0].types[0]",
    ],
  ];
  it.each(filters)("a filter of %s", async (_, atMaximum, beyond, field) => {
    const { client } = await startTestServer();
    const replayed = (anyOf: ClauseInit[]): Call => {
      return async (c) => {
        for await (const _frame of c.replay({ filter: { anyOf } }));
      };
    };
    await expectEdge(client, replayed(atMaximum), replayed(beyond), field);
  });

  it("a snapshot of 1 MiB", async () => {
    const { client } = await startTestServer();
    await client.append({ events: [newEvent("s")] });
    const save = (bytes: number, schemaType = "s/1"): Call => {
      const data = new Uint8Array(bytes).fill(3);
      const snapshot = { stream: "s", revision: 0n, schemaType, data };
      return (c) => c.saveSnapshot({ snapshot });
    };
    await expectEdge(client, save(MiB), save(MiB + 1), "snapshot.data");
    expect((await client.getSnapshot({ stream: "s" })).snapshot?.data).toHaveLength(MiB);
    const [longest, longer] = ["s".repeat(256), "s".repeat(257)];
    await expectEdge(client, save(1, longest), save(1, longer), "snapshot.schema_type");
  });
});

describe("a limit that is set", () => {
  const lowered: [string, string, EventFields, EventFields, string][] = [
    ["max-event-data-bytes", "10", { data: "1234567890" }, { data: "12345678901" }, "data"],
    ["max-type-bytes", "5", { type: "a.bcd" }, { type: "a.bcde" }, "type"],
    [
      "max-metadata-bytes",
      "12",
      { metadata: metadataOf(12) },
      { metadata: metadataOf(13) },
      "metadata",
    ],
    ["max-tags", "2", { tags: tags(2) }, { tags: tags(3) }, "tags"],
    ["max-tag-bytes", "3", { tags: ["a:b"] }, { tags: ["a:bc"] }, "tags[0]"],
  ];
  it.each(lowered)("holds: --%s %s", async (flag, value, atMaximum, beyond, field) => {
    const { client } = await startTestServer({ flags: { [flag]: value } });
    const type = flag === "max-type-bytes" ? {} : { type: "t" };
    await expectEdge(
      client,
      appending({ ...type, ...atMaximum }),
      appending({ ...type, ...beyond }),
      `events[0].event.${field}`,
    );
  });

  it("holds: --max-stream-name-bytes 8", async () => {
    const { client } = await startTestServer({ flags: { "max-stream-name-bytes": "8" } });
    const [longest, longer] = [appending({}, "12345678"), appending({}, "123456789")];
    await expectEdge(client, longest, longer, "events[0].stream");
  });

  it("holds: --max-append-events 3", async () => {
    const { client } = await startTestServer({ flags: { "max-append-events": "3" } });
    await client.append({ events: newEvents("s", 3) });
    const call = client.append({ events: newEvents("s", 4) });
    const { metadata } = await expectFailure(call, "APPEND_TOO_LARGE");
    expect(metadata).toMatchObject({ maximum: "3", actual: "4" });
  });

  it("holds: --max-append-bytes 1000", async () => {
    const { client } = await startTestServer({ flags: { "max-append-bytes": "1000" } });
    const append = (size: number): AppendInit => ({
      events: [newEvent("s", { data: new Uint8Array(size) })],
    });
    const room = 1000 - (sizeOf(append(900)) - 900);
    expect(sizeOf(append(room))).toBe(1000);
    await client.append(append(room));
    await expectFailure(client.append(append(room + 1)), "APPEND_TOO_LARGE");
  });

  it("holds: --max-snapshot-bytes 5", async () => {
    const { client } = await startTestServer({ flags: { "max-snapshot-bytes": "5" } });
    await client.append({ events: [newEvent("s")] });
    const save = (bytes: number): Call => {
      const data = new Uint8Array(bytes);
      return (c) =>
        c.saveSnapshot({ snapshot: { stream: "s", revision: 0n, schemaType: "s", data } });
    };
    await expectEdge(client, save(5), save(6), "snapshot.data");
  });

  it("may be raised, and then larger appends pass", async () => {
    const flags = {
      "max-append-bytes": String(12 * MiB),
      "max-event-data-bytes": String(10 * MiB),
      "max-snapshot-bytes": String(8 * MiB),
      "max-append-events": "10000",
    };
    const { client } = await startTestServer({ flags });
    await client.append({ events: [newEvent("s", { data: new Uint8Array(10 * MiB).fill(5) })] });
    await client.append({ events: newEvents("s", 10_000) });
    const { events } = await read(client, { stream: "s" });
    expect(events).toHaveLength(10_001);
    expect(events[0]?.event?.data).toHaveLength(10 * MiB);
    const data = new Uint8Array(8 * MiB);
    await client.saveSnapshot({ snapshot: { stream: "s", revision: 0n, schemaType: "s", data } });
    expect((await client.getSnapshot({ stream: "s" })).snapshot?.data).toHaveLength(8 * MiB);
  });

  it("does not make what was stored under a higher one unreadable", async () => {
    const first = await startTestServer();
    const fields = { type: "long.type", tags: ["tag:long"], data: "0123456789" };
    await first.client.append({ events: [newEvent("stream-long", fields)] });
    await first.stop();
    const { client } = await startTestServer({
      folder: first.folder,
      flags: { "max-event-data-bytes": "1", "max-type-bytes": "1", "max-tag-bytes": "1" },
    });
    const { events } = await read(client, { stream: "stream-long" });
    expect(Buffer.from(events[0]?.event?.data ?? []).toString()).toBe("0123456789");
  });
});

function clauses(count: number): ClauseInit[] {
  return types(count).map((type) => ({ types: [type] }));
}

function types(count: number): string[] {
  return range(1, count).map((n) => `type.${n}`);
}
