import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type Direction, StreamState, type SubscriptionStart } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range, read, replay } from "../support/frames.js";
import {
  atRevision,
  type ClauseInit,
  type ConditionInit,
  type EventFields,
  newEvent,
  newEvents,
  noMatch,
  noStream,
  ofCategory,
  ofStream,
} from "../support/requests.js";
import { sharedServer } from "../support/shared-server.js";

const server = sharedServer((client) => client.append({ events: newEvents("here", 3) }));

type Call = (client: StoreClient) => PromiseLike<unknown> | AsyncIterable<unknown>;

/** Expects the call to be refused for exactly these fields, and to store nothing. */
async function expectInvalid(call: Call, ...fields: string[]): Promise<void> {
  const { client } = server();
  const failed = await expectFailure(call(client), "INVALID_REQUEST");
  expect(failed.fields).toEqual(fields);
  expect((await client.getStatus({})).head).toBe(3n);
}

/** Names that break a rule, wherever a name is asked for. */
const badNames: [string, string][] = [
  ["empty", ""],
  ["reserved", "$all"],
  ["a line break", "a\nb"],
  ["a NUL", "a\0"],
  ["a DEL", "\u007f"],
  ["a C1 control character", "a\u0085b"],
  ["a tab", "\ta"],
];

describe("an event that breaks a rule", () => {
  const append =
    (fields: EventFields): Call =>
    (client) =>
      client.append({ events: [newEvent("s", fields)] });

  it.each([
    ["empty", ""],
    ["a word", "order"],
    ["without dashes", "0197e0a25c1e7cc49d0b6f2a1d3c4b5a"],
    ["in braces", "{0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a}"],
    ["with a letter beyond f", "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5g"],
    ["too short", "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5"],
    ["with a line break", "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a\n"],
    ["very long", "0197e0a2".repeat(1000)],
  ])("has an id that is %s", (_, id) => expectInvalid(append({ id }), "events[0].event.id"));

  it.each([...badNames, ["a trailing *", "order.*"], ["only *", "*"]])(
    "has a type that is or has %s",
    (_, type) => expectInvalid(append({ type }), "events[0].event.type"),
  );

  it.each(badNames)("has a tag that is or has %s", (_, tag) =>
    expectInvalid(append({ tags: ["fine", tag] }), "events[0].event.tags[1]"),
  );

  it.each(badNames)("has a stream that is or has %s", (_, stream) =>
    expectInvalid((client) => client.append({ events: [newEvent(stream)] }), "events[0].stream"),
  );

  it.each([
    ["an array", "[]"],
    ["a string", '"a"'],
    ["a number", "1"],
    ["null", "null"],
    ["cut off", '{"a":'],
    ["two objects", "{}{}"],
    ["no JSON", "correlationId=1"],
  ])("has metadata that is %s", (_, metadata) =>
    expectInvalid(append({ metadata }), "events[0].event.metadata"),
  );

  it("is missing", () =>
    expectInvalid(
      (client) => client.append({ events: [newEvent("s"), { stream: "s" }] }),
      "events[1].event",
      "events[1].event.id",
      "events[1].event.type",
    ));
});

describe("an append that breaks a rule", () => {
  const appendIf =
    (...conditions: ConditionInit[]): Call =>
    (client) =>
      client.append({ events: [newEvent("s")], conditions });

  it("has no event", () =>
    expectInvalid((client) => client.append({ appendId: randomUUID() }), "events"));

  it.each(["x", "0197e0a25c1e7cc49d0b6f2a1d3c4b5a", " "])("has the append id %j", (appendId) =>
    expectInvalid((client) => client.append({ appendId, events: [newEvent("s")] }), "append_id"),
  );

  const conditions: [string, ConditionInit, string][] = [
    ["of no kind", {}, "conditions[0]"],
    ["on a reserved stream", noStream("$all"), "conditions[0].stream.stream"],
    ["on a stream without a name", noStream(""), "conditions[0].stream.stream"],
    [
      "that expects nothing",
      { kind: { case: "stream", value: { stream: "s" } } },
      "conditions[0].stream",
    ],
    [
      "that expects an unspecified state",
      expecting(StreamState.UNSPECIFIED),
      "conditions[0].stream",
    ],
    ["that expects an unknown state", expecting(9 as StreamState), "conditions[0].stream"],
    ["of a revision below 0", atRevision("s", -1), "conditions[0].stream.revision"],
    ["without a filter", { kind: { case: "query", value: {} } }, "conditions[0].query.filter"],
    ["after a position below 0", noMatch([{ types: ["t"] }], -1), "conditions[0].query.after"],
    ["with an empty clause", noMatch([{}]), "conditions[0].query.filter.any_of[0]"],
    [
      "with a bad type",
      noMatch([{ types: ["$t"] }]),
      "conditions[0].query.filter.any_of[0].types[0]",
    ],
  ];
  it.each(conditions)("has a condition %s", (_, condition, field) =>
    expectInvalid(appendIf(condition), field),
  );

  it("is told of every fault at once", () =>
    expectInvalid(
      (client) =>
        client.append({
          appendId: "x",
          events: [newEvent("$s", { id: "x", type: "" }), newEvent("s", { tags: ["", "t"] })],
          conditions: [{}, noStream("s")],
        }),
      "append_id",
      "events[0].stream",
      "events[0].event.id",
      "events[0].event.type",
      "events[1].event.tags[0]",
      "conditions[0]",
    ));

  it("is told of 16 faults at most", async () => {
    const { client } = server();
    const events = range(1, 1000).map(() => newEvent("s", { id: "no id" }));
    const { fields } = await expectFailure(client.append({ events }), "INVALID_REQUEST");
    expect(fields).toEqual(range(0, 15).map((n) => `events[${n}].event.id`));
  });
});

describe("a filter that breaks a rule", () => {
  const filters: [string, ClauseInit, string][] = [
    ["is empty", {}, "filter.any_of[0]"],
    ["has an empty type", { types: ["t", ""] }, "filter.any_of[0].types[1]"],
    ["has a reserved type", { types: ["$t"] }, "filter.any_of[0].types[0]"],
    ["has a type with a control character", { types: ["a\u0001*"] }, "filter.any_of[0].types[0]"],
    ["has an empty tag", { tags: [""] }, "filter.any_of[0].tags[0]"],
    ["has a reserved tag", { tags: ["$t"] }, "filter.any_of[0].tags[0]"],
    ["has an empty stream", ofStream(""), "filter.any_of[0].stream"],
    ["has a reserved stream", ofStream("$s"), "filter.any_of[0].stream"],
    ["has a reserved category", ofCategory("$s"), "filter.any_of[0].category"],
  ];
  it.each(filters)("%s, in every call that takes one", async (_, clause, field) => {
    const filter = { anyOf: [clause] };
    await expectInvalid((client) => client.read({ stream: "here", filter }), field);
    await expectInvalid((client) => client.replay({ filter }), field);
    await expectInvalid((client) => client.subscribe({ filter }), field);
  });
});

// Their story: what was no time at all was read as some time, such as now.
describe("a time that there is not", () => {
  const times: [string, MessageInitShape<typeof TimestampSchema>][] = [
    ["before the year 1", { seconds: -62_135_596_801n, nanos: 999_999_999 }],
    ["after the year 9999", { seconds: 253_402_300_800n, nanos: 0 }],
    ["in milliseconds", { seconds: 1_700_000_000_000n }],
    ["as far as numbers go", { seconds: 2n ** 63n - 1n, nanos: 2 ** 31 - 1 }],
    ["of negative nanos", { seconds: 1_700_000_000n, nanos: -1 }],
    ["of a second of nanos", { seconds: 1_700_000_000n, nanos: 1_000_000_000 }],
  ];
  it.each(times)("is refused, wherever one is asked for: %s", async (_, time) => {
    await expectInvalid((client) => client.read({ stream: "here", asOf: time }), "as_of");
    await expectInvalid((client) => client.replay({ since: time }), "since");
    await expectInvalid((client) => client.replay({ until: time }), "until");
    await expectInvalid((client) => client.replay({ since: time, until: time }), "since", "until");
  });

  it("is not the first, nor the last, that there is", async () => {
    const { client } = server();
    const since = { seconds: -62_135_596_800n, nanos: 0 };
    const until = { seconds: 253_402_300_799n, nanos: 999_999_999 };
    expect((await replay(client, { since, until })).events).toHaveLength(3);
    expect((await replay(client, { since: until, until: since })).events).toEqual([]);
    expect((await read(client, { stream: "here", asOf: until })).events).toHaveLength(3);
    expect((await read(client, { stream: "here", asOf: since })).events).toEqual([]);
  });
});

describe("a call that breaks a rule", () => {
  const calls: [string, Call, string][] = [
    ["Read from below 0", (c) => c.read({ stream: "s", fromRevision: -1n }), "from_revision"],
    ["Read to below 0", (c) => c.read({ stream: "s", toRevision: -1n }), "to_revision"],
    ["Read with limit 0", (c) => c.read({ stream: "s", limit: 0n }), "limit"],
    ["Read with a limit below 0", (c) => c.read({ stream: "s", limit: -(2n ** 63n) }), "limit"],
    [
      "Read in no direction",
      (c) => c.read({ stream: "s", direction: 3 as Direction }),
      "direction",
    ],
    ["Replay from 0", (c) => c.replay({ fromPosition: 0n }), "from_position"],
    ["Replay to 0", (c) => c.replay({ toPosition: 0n }), "to_position"],
    ["Replay with limit 0", (c) => c.replay({ limit: 0n }), "limit"],
    ["Replay in no direction", (c) => c.replay({ direction: -1 as Direction }), "direction"],
    [
      "Subscribe after below 0",
      (c) => c.subscribe({ start: { case: "after", value: -1n } }),
      "after",
    ],
    [
      "Subscribe at no known end",
      (c) => c.subscribe({ start: { case: "at", value: 3 as SubscriptionStart } }),
      "at",
    ],
    [
      "Subscribe with a heartbeat too often",
      (c) => c.subscribe({ heartbeatInterval: { seconds: 0n, nanos: 99_000_000 } }),
      "heartbeat_interval",
    ],
    [
      "Subscribe with a heartbeat too seldom",
      (c) => c.subscribe({ heartbeatInterval: { seconds: 600n, nanos: 1_000_000 } }),
      "heartbeat_interval",
    ],
    [
      "Subscribe with a heartbeat below 0",
      (c) => c.subscribe({ heartbeatInterval: { seconds: -1n, nanos: 0 } }),
      "heartbeat_interval",
    ],
    [
      "Subscribe with a heartbeat of negative nanos",
      (c) => c.subscribe({ heartbeatInterval: { seconds: 1n, nanos: -1 } }),
      "heartbeat_interval",
    ],
    [
      "Subscribe with a heartbeat of a second of nanos",
      (c) => c.subscribe({ heartbeatInterval: { seconds: 1n, nanos: 1_000_000_000 } }),
      "heartbeat_interval",
    ],
    ["SaveSnapshot without a snapshot", (c) => c.saveSnapshot({}), "snapshot"],
    [
      "SaveSnapshot of a revision below 0",
      (c) => c.saveSnapshot({ snapshot: { stream: "here", schemaType: "s/1", revision: -1n } }),
      "snapshot.revision",
    ],
  ];
  it.each(calls)("%s", (_, call, field) => expectInvalid(call, field));

  it.each(badNames)("names a stream that is or has %s", async (_, stream) => {
    await expectInvalid((client) => client.read({ stream }), "stream");
    await expectInvalid((client) => client.getStream({ stream }), "stream");
    await expectInvalid((client) => client.getSnapshot({ stream }), "stream");
    const snapshot = { stream, schemaType: "s/1", revision: 0n };
    await expectInvalid((client) => client.saveSnapshot({ snapshot }), "snapshot.stream");
  });

  it.each(badNames)("names a schema type that is or has %s", async (_, schemaType) => {
    const snapshot = { stream: "here", schemaType, revision: 0n };
    await expectInvalid((client) => client.saveSnapshot({ snapshot }), "snapshot.schema_type");
    const useSnapshot = { schemaType };
    const read: Call = (client) => client.read({ stream: "here", useSnapshot });
    await expectInvalid(read, "use_snapshot.schema_type");
  });

  it.each(badNames.slice(1))("lists streams by a prefix that is or has %s", (_, prefix) =>
    expectInvalid((client) => client.listStreams({ prefix }), "prefix"),
  );
});

function expecting(value: StreamState): ConditionInit {
  return { kind: { case: "stream", value: { stream: "s", expected: { case: "state", value } } } };
}
