import { describe, expect, it } from "vitest";
import { parseLine } from "../import/parse-line.js";
import { recordedEvent } from "../testing/fake-client.js";
import { eventJson, exportJson } from "./event-json.js";

describe("eventJson", () => {
  it("has the members that scripts rely on, in this order", () => {
    const event = recordedEvent({
      position: 7n,
      revision: 2n,
      metadata: { actor: "a" },
      tags: ["x:1"],
      bytes: Buffer.from('{"n":1}'),
    });
    expect(eventJson(event)).toBe(
      '{"position":"7","revision":"2","stream":"order-1",' +
        '"id":"0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a","type":"order.Placed",' +
        '"recordedAt":"2026-01-02T03:04:05.678Z","data":{"n":1},' +
        '"metadata":{"actor":"a"},"tags":["x:1"]}',
    );
  });

  it("keeps every digit of the data", () => {
    const bytes = Buffer.from('{"n":12345678901234567890,"x":1.0}');
    expect(eventJson(recordedEvent({ bytes }))).toContain(`"data":${bytes},`);
  });

  // Metadata went through JSON.parse: ...890 became ...000, and 1e400 became null.
  it("keeps metadata as it is stored, on one line", () => {
    const text = '{"z":12345678901234567890,"1":1e400,\n"a":1,"a":2}';
    const event = recordedEvent({ metadataBytes: Buffer.from(text) });
    expect(eventJson(event)).toContain(`"metadata":${text.replace("\n", " ")},`);
  });

  // JSON.stringify ended the whole export with "Maximum call stack size exceeded".
  it("prints metadata however deep it is", () => {
    const text = `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect(eventJson(recordedEvent({ metadataBytes: Buffer.from(text) }))).toContain(text);
  });

  it("prints data of several lines on one", () => {
    const bytes = Buffer.from('\ufeff{\r\n  "a": "\\n"\n}\n'.slice(1));
    expect(eventJson(recordedEvent({ bytes }))).toContain('"data":{    "a": "\\n" },');
  });

  it("prints data that is not JSON as base64", () => {
    const event = recordedEvent({ bytes: Buffer.from([0, 255]), contentType: "image/png" });
    expect(eventJson(event)).toContain('"dataBase64":"AP8=","contentType":"image/png","metadata"');
  });

  it("prints data that should be JSON and is not as base64", () => {
    const event = recordedEvent({ bytes: Buffer.from("{") });
    expect(eventJson(event)).toContain('"dataBase64":"ew==","metadata"');
  });

  it("prints JSON that is not UTF-8 as base64", () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    expect(eventJson(recordedEvent({ bytes }))).toContain('"dataBase64":"Iv8i"');
  });
});

describe("exportJson", () => {
  it.each([
    ["JSON", '{"n": 12345678901234567890}', "application/json"],
    ["bytes", "\u0000text", "text/plain"],
    ["broken JSON", "{", "application/json"],
    ["no bytes", "", "application/json"],
    ["JSON on lines", '{\n  "n": 1\n}\n', "application/json"],
    ["JSON after a byte order mark", "\ufeff{}", "application/json"],
    ["JSON among spaces", " [1] ", "application/vnd.x+json"],
  ])("is read back by import: %s", (_case, text, contentType) => {
    const event = recordedEvent({ bytes: Buffer.from(text), contentType, tags: ["a"] });
    expect(parseLine(Buffer.from(exportJson(event))).event).toEqual({
      stream: event.stream,
      type: event.type,
      id: event.id,
      data: event.bytes,
      contentType,
      metadata: Buffer.from("{}"),
      tags: ["a"],
    });
  });
});
