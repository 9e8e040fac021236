import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  EventBatchSchema,
  type RecordedEvent as ProtoRecordedEvent,
  RecordedEventSchema,
} from "@varve/proto";
import { describe, expect, it } from "vitest";
import { recorded, utf8 } from "../test-support/service.js";
import { encodedEventService } from "./encoded-events.js";
import { decodeBatch } from "./events.js";
import { fieldsOfMessage, readFields } from "./recorded-event.js";

const encode = (event: ProtoRecordedEvent): Uint8Array => toBinary(RecordedEventSchema, event);

/** As they are read from a buffer that has more in it. */
function read(event: ProtoRecordedEvent): object {
  const bytes = encode(event);
  const larger = new Uint8Array(bytes.length + 20);
  larger.set(bytes, 7);
  return readFields(larger.subarray(7, 7 + bytes.length));
}

describe("an encoded event", () => {
  it.each<[string, Parameters<typeof recorded>[1]]>([
    ["with every field", { tags: ["a", "b"], metadata: '{"actor":"me"}', data: utf8('{"n":1}') }],
    ["with none that may be absent", {}],
    ["with other than ASCII", { type: "Bestellung.ge\u00e4ndert", tags: ["\u{1f44d}"] }],
    ["with much data", { data: new Uint8Array(300_000).fill(7), contentType: "image/png" }],
  ])("%s reads as the decoded message does", (_, event) => {
    const message = recorded(3, event);
    expect(read(message)).toEqual(fieldsOfMessage(message));
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
    expect(readFields(bytes)).toEqual(fieldsOfMessage(recorded(3)));
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
      expect(() => readFields(bytes.subarray(0, end)), String(end)).toThrow("answer is not valid");
    }
  });

  it("is what the service of the client gives for an event", () => {
    const batch = create(EventBatchSchema, { events: [recorded(3), recorded(4)] });
    const { output } = encodedEventService.method.replay;
    const field = output.fields.find(({ localName }) => localName === "events");
    if (field?.message === undefined) throw new Error("expected a message");
    const encoded = fromBinary(field.message, toBinary(EventBatchSchema, batch)) as typeof batch;
    expect(encoded.events[0]).toBeInstanceOf(Uint8Array);
    expect(decodeBatch(encoded).map(String)).toEqual(decodeBatch(batch).map(String));
    expect(decodeBatch(encoded)).toEqual(decodeBatch(batch));
  });
});
