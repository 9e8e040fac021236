import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { EventBatchSchema, RecordedEventSchema } from "@varve/proto";
import { validate } from "uuid";
import { describe, expect, it, vi } from "vitest";
import { recorded, utf8 } from "../test-support/service.js";
import type { AnyEvent, JsonObject, JsonValue, NewEvent, RecordedEvent } from "../types.js";
import { decodeBatch, encodeEvent as encode } from "./events.js";
import { newId } from "./ids.js";

function encodeEvent(stream: string, event: AnyEvent): ReturnType<typeof encode> {
  return encode(event, stream, 0, newId);
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function decode(event: Parameters<typeof recorded>[1]): RecordedEvent {
  const batch = create(EventBatchSchema, { events: [recorded(3, event)] });
  const [decoded] = decodeBatch(batch);
  if (decoded === undefined) throw new Error("expected an event");
  return decoded;
}

describe("encodeEvent", () => {
  it("fills in the defaults", () => {
    const { stream, event } = encodeEvent("order-1", { type: "order.Placed" });
    expect(stream).toBe("order-1");
    expect(validate(event?.id)).toBe(true);
    expect(event).toMatchObject({ type: "order.Placed", contentType: "application/json" });
    expect(event).toMatchObject({ metadata: "", tags: [] });
    expect(textOf(event?.data)).toBe("{}");
  });

  it("keeps what it is given", () => {
    const { event } = encodeEvent("order-1", {
      id: "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a",
      type: "order.Placed",
      data: { total: 3, note: "ü" },
      contentType: "application/vnd.order+json",
      metadata: { actor: "me" },
      tags: ["customer:42"],
    });
    expect(event).toMatchObject({
      id: "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a",
      contentType: "application/vnd.order+json",
      metadata: '{"actor":"me"}',
      tags: ["customer:42"],
    });
    expect(textOf(event?.data)).toBe('{"total":3,"note":"ü"}');
  });

  it.each([null, false, 0, "", []])("encodes %j as JSON", (data) => {
    const { event } = encodeEvent("order-1", { type: "T", data });
    expect(textOf(event?.data)).toBe(JSON.stringify(data));
  });

  it("sends bytes as they are, and as they were", () => {
    const data = new Uint8Array([1, 2, 3]);
    const { event } = encodeEvent("file-1", { type: "T", data });
    data.fill(9);
    expect(event?.data).toEqual(new Uint8Array([1, 2, 3]));
    expect(event?.contentType).toBe("application/octet-stream");
  });

  it("sends metadata that is given as bytes as the text that it is", () => {
    const metadata = utf8('{"n":12345678901234567890,"b":1e400,"a":1,"a":2}');
    const { event } = encodeEvent("order-1", { type: "T", metadata });
    expect(event?.metadata).toBe('{"n":12345678901234567890,"b":1e400,"a":1,"a":2}');
  });

  it.each<[string, unknown]>([
    ["metadata bytes that are not UTF-8", { type: "T", metadata: Uint8Array.of(0xff) }],
    ["a function as data", { type: "T", data: () => 1 }],
    ["a bigint in data", { type: "T", data: { total: 1n } }],
    ["a value under a type that is not JSON", { type: "T", data: "a", contentType: "text/plain" }],
    ["a type that is no string", { type: 3 }],
    ["a tag that is no string", { type: "T", tags: [3] }],
    ["metadata that is no object", { type: "T", metadata: [1] }],
  ])("refuses %s", (_, event) => {
    expect(() => encodeEvent("order-1", event as NewEvent)).toThrow(TypeError);
  });
});

describe("decoded events", () => {
  it("have all fields of the wire", () => {
    expect(decode({ tags: ["a"], metadata: '{"actor":"me"}' })).toMatchObject({
      position: 3n,
      revision: 2n,
      stream: "order-1",
      recordedAt: new Date(1_700_000_000_003),
      id: "id-3",
      type: "order.Placed",
      tags: ["a"],
      metadata: { actor: "me" },
      contentType: "application/json",
      data: {},
    });
  });

  it.each<[string, unknown]>([
    ["", { n: 1 }],
    ["application/json", { n: 1 }],
    ["Application/JSON; charset=utf-8", { n: 1 }],
    ["application/vnd.order+json", { n: 1 }],
    ["application/octet-stream", utf8('{"n":1}')],
    ["text/json-ish", utf8('{"n":1}')],
  ])("decode data of content type %j", (contentType, data) => {
    const event = decode({ contentType, data: utf8('{"n":1}') });
    expect(event.data).toEqual(data);
    expect(event.bytes).toEqual(utf8('{"n":1}'));
  });

  it("parse once, and not before they are asked", () => {
    const parse = vi.spyOn(JSON, "parse");
    const event = decode({ data: utf8('{"n":1}'), metadata: '{"a":1}' });
    expect(parse).not.toHaveBeenCalled();
    expect(event.data).toBe(event.data);
    expect(event.metadata).toBe(event.metadata);
    expect(parse).toHaveBeenCalledTimes(2);
    parse.mockRestore();
  });

  it("throw SyntaxError for data that is not the JSON it says", () => {
    const event = decode({ data: utf8("{") });
    expect(() => event.data).toThrow(SyntaxError);
    expect(event.bytes).toEqual(utf8("{"));
  });

  it("have their metadata as stored, with every digit", () => {
    const metadata = '{"n":12345678901234567890}';
    expect(textOf(decode({ metadata }).metadataBytes)).toBe(metadata);
  });

  it("have empty metadata if none was sent", () => {
    expect(decode({}).metadata).toEqual({});
    expect(decode({}).metadataBytes).toHaveLength(0);
  });

  it("show their data when they are printed", () => {
    const text = inspect(decode({ data: utf8('{"total":42}'), metadata: '{"actor":"me"}' }));
    expect(text).toContain("total: 42");
    expect(text).toContain("actor: 'me'");
  });

  it("reject a frame without the event", () => {
    const batch = create(EventBatchSchema, { events: [create(RecordedEventSchema, {})] });
    expect(() => decodeBatch(batch)).toThrow("RecordedEvent.event is missing");
  });

  it("give back what was encoded", () => {
    const data: JsonValue = { a: [1, "two", null, { three: true }] };
    const metadata: JsonObject = { correlationId: "x" };
    const { event } = encodeEvent("order-1", { type: "T", data, metadata });
    expect(decode(event ?? {})).toMatchObject({ data, metadata });
  });
});
