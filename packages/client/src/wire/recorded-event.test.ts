import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type EventBatch,
  EventBatchSchema,
  type RecordedEvent as ProtoRecordedEvent,
  RecordedEventSchema,
  ReplayResponseSchema,
} from "@varve/proto";
import { describe, expect, it } from "vitest";
import { recorded, utf8 } from "../test-support/service.js";
import type { RecordedEvent } from "../types.js";
import { encodedEventService } from "./encoded-events.js";
import { decodeBatch } from "./events.js";

const encode = (event: ProtoRecordedEvent): Uint8Array => toBinary(RecordedEventSchema, event);

/** As they are read from a buffer that has more in it. */
function readBatch(batch: Uint8Array): RecordedEvent[] {
  const larger = new Uint8Array(batch.length + 20);
  larger.set(batch, 7);
  const encoded: unknown = larger.subarray(7, 7 + batch.length);
  return decodeBatch(encoded as EventBatch);
}

/** The only event of a batch. */
function readEncoded(event: Uint8Array): RecordedEvent {
  const batch = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(event).finish();
  return readBatch(batch)[0] as RecordedEvent;
}

const read = (event: ProtoRecordedEvent): RecordedEvent => readEncoded(encode(event));

function decode(event: ProtoRecordedEvent): RecordedEvent {
  return decodeBatch(create(EventBatchSchema, { events: [event] }))[0] as RecordedEvent;
}

/** Everything that an event says, before it is parsed. */
function contents(event: RecordedEvent): object {
  return { ...event, bytes: Buffer.from(event.bytes), metadata: event.metadata };
}

describe("an encoded event", () => {
  it.each<[string, Parameters<typeof recorded>[1]]>([
    ["with every field", { tags: ["a", "b"], metadata: '{"actor":"me"}', data: utf8('{"n":1}') }],
    ["with none that may be absent", {}],
    ["with other than ASCII", { type: "Bestellung.ge\u00e4ndert", tags: ["\u{1f44d}"] }],
    ["with much data", { data: new Uint8Array(300_000).fill(7), contentType: "image/png" }],
  ])("%s reads as the decoded message does", (_, event) => {
    const message = recorded(3, event);
    expect(contents(read(message))).toEqual(contents(decode(message)));
    expect(read(message).data).toEqual(decode(message).data);
  });

  it.each([
    ["text of other than ASCII", '{"text":"\u00e4\u{1f44d}"}'],
    ["a byte order mark", '\ufeff{"n":1}'],
  ])("has data parsed that is JSON with %s", (_, json) => {
    const message = recorded(3, { data: utf8(json) });
    expect(read(message).data).toEqual(JSON.parse(json.replace("\ufeff", "")));
    expect(decode(message).data).toEqual(read(message).data);
  });

  it("may have positions and revisions up to 2^53 - 1", () => {
    const message = recorded(3);
    message.position = BigInt(Number.MAX_SAFE_INTEGER);
    message.revision = 2n ** 40n;
    expect(read(message)).toMatchObject({ position: message.position, revision: 2n ** 40n });
    message.position = -1n;
    expect(() => read(message)).toThrow("answer is not valid: a number is negative or too large");
  });

  it("may have fields that a later version adds", () => {
    const later = Uint8Array.of(0x9a, 0x06, 2, 1, 2, 0xa0, 0x06, 9);
    const bytes = Buffer.concat([later, encode(recorded(3)), later]);
    expect(contents(readEncoded(bytes))).toEqual(contents(decode(recorded(3))));
  });

  it("is refused if it lacks what the contract promises", () => {
    const { position, event, recordedAt } = recorded(3);
    const without = (fields: object): object => read(create(RecordedEventSchema, fields));
    expect(() => without({ position, ...(recordedAt && { recordedAt }) })).toThrow(
      "RecordedEvent.event is missing",
    );
    expect(() => without({ position, ...(event && { event }) })).toThrow(
      "RecordedEvent.recorded_at is missing",
    );
  });

  it("is refused if it is cut off anywhere", () => {
    const bytes = encode(recorded(3, { data: utf8('{"n":1}') }));
    for (let end = 0; end < bytes.length; end++) {
      const cut = bytes.subarray(0, end);
      expect(() => readEncoded(cut), String(end)).toThrow("answer is not valid");
    }
  });
});

describe("an encoded batch", () => {
  const batch = create(EventBatchSchema, { events: [recorded(3), recorded(4, { tags: ["a"] })] });

  it("has the events of the decoded one, in their order", () => {
    const events = readBatch(toBinary(EventBatchSchema, batch));
    expect(events.map(contents)).toEqual(decodeBatch(batch).map(contents));
  });

  it("is what the service of the client gives", () => {
    const { output } = encodedEventService.method.replay;
    const answer = create(ReplayResponseSchema, { frame: { case: "events", value: batch } });
    const { frame } = fromBinary(output, toBinary(ReplayResponseSchema, answer));
    expect(frame.value).toBeInstanceOf(Uint8Array);
    const events = decodeBatch(frame.value as EventBatch);
    expect(events.map(contents)).toEqual(decodeBatch(batch).map(contents));
  });

  it("is refused if it is not one", () => {
    expect(() => readBatch(Uint8Array.of(0x0a, 5, 1))).toThrow("answer is not valid");
  });
});
