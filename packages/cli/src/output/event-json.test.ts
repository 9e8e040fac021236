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
  ])("is read back by import: %s", (_case, text, contentType) => {
    const event = recordedEvent({ bytes: Buffer.from(text), contentType, tags: ["a"] });
    expect(parseLine(Buffer.from(exportJson(event)))).toEqual({
      stream: event.stream,
      type: event.type,
      id: event.id,
      data: event.bytes,
      contentType,
      metadata: {},
      tags: ["a"],
    });
  });
});
