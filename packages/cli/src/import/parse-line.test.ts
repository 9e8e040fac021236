import { describe, expect, it } from "vitest";
import { type ParsedLine, parseLine } from "./parse-line.js";

const id = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";

function parse(line: object | string): ParsedLine["event"] {
  return parseLine(Buffer.from(typeof line === "string" ? line : JSON.stringify(line))).event;
}

describe("parseLine", () => {
  it("takes everything an event has", () => {
    const metadata = { actor: "x" };
    expect(parse({ stream: "s", type: "t", data: { n: 1 }, metadata, tags: ["a"], id })).toEqual({
      stream: "s",
      type: "t",
      data: Buffer.from('{"n":1}'),
      contentType: "application/json",
      metadata: Buffer.from('{"actor":"x"}'),
      tags: ["a"],
      id,
    });
  });

  it("needs a stream and a type alone", () => {
    expect(parse({ stream: "s", type: "t" })).toEqual({
      stream: "s",
      type: "t",
      data: Buffer.from("{}"),
      contentType: "application/json",
    });
  });

  it("keeps data as it stands in the line", () => {
    const { data } = parse('{"stream":"s","type":"t","data": [1.0, 12345678901234567890] }');
    expect(String(data)).toBe("[1.0, 12345678901234567890]");
  });

  // A trace id of 20 digits was rounded, 1e400 became null, the order of keys was lost.
  it("keeps metadata as it stands in the line", () => {
    const text = '{"z":12345678901234567890,"1":1e400,"a":1, "a":2}';
    expect(String(parse(`{"stream":"s","type":"t","metadata":${text}}`).metadata)).toBe(text);
  });

  it("takes bytes as base64", () => {
    const payload = { dataBase64: "AP8=", contentType: "image/png" };
    expect(parse({ stream: "s", type: "t", ...payload })).toMatchObject({
      data: Buffer.from([0, 255]),
      contentType: "image/png",
    });
  });

  it("takes an empty content type, which stands for JSON", () => {
    const line = { stream: "s", type: "t", data: 1, contentType: "" };
    expect(parse(line)).toMatchObject({ data: Buffer.from("1"), contentType: "" });
  });

  it("takes another JSON content type", () => {
    const contentType = "application/cloudevents+json; charset=utf-8";
    expect(parse({ stream: "s", type: "t", data: 1, contentType })).toMatchObject({ contentType });
  });

  it("tells the place in another log apart from the event", () => {
    const place = { position: "7", revision: "1", recordedAt: "2026-01-02T03:04:05.678Z" };
    const line = Buffer.from(JSON.stringify({ ...place, stream: "s", type: "t" }));
    const { event, ...rest } = parseLine(line);
    expect(Object.keys(event)).toEqual(["stream", "type", "data", "contentType"]);
    expect(rest).toEqual({ position: "7", recordedAt: place.recordedAt });
  });

  it.each([
    ["{", "it is not JSON"],
    ["[]", "it is not a JSON object"],
    ['{"type":"t"}', '"stream" is missing'],
    ['{"stream":"s"}', '"type" is missing'],
    ['{"stream":"","type":"t"}', '"stream" is empty'],
    ['{"stream":1,"type":"t"}', '"stream" is not a string'],
    ['{"stream":"\\ud800","type":"t"}', '"stream" is not a string'],
    ['{"stream":"s","type":null}', '"type" is not a string'],
    ['{"stream":"s","type":"t","metadata":[]}', '"metadata" is not a JSON object'],
    ['{"stream":"s","type":"t","metadata":null}', '"metadata" is not a JSON object'],
    ['{"stream":"s","type":"t","tags":"a"}', '"tags" is not an array of strings'],
    ['{"stream":"s","type":"t","tags":[1]}', '"tags" is not an array of strings'],
    ['{"stream":"s","type":"t","id":"1"}', '"id" is not a UUID'],
    ['{"stream":"s","type":"t","tag":[]}', '"tag" is not a member of an event'],
    ['{"stream":"s","type":"t","dataBase64":"?"}', '"dataBase64" is not base64'],
    ['{"stream":"s","type":"t","data":1,"dataBase64":""}', 'it has both "data" and "dataBase64"'],
    [
      '{"stream":"s","type":"t","data":"x","contentType":"text/plain"}',
      '"data" is JSON, but text/plain is not: give "dataBase64"',
    ],
  ])("refuses %s", (line, reason) => {
    expect(() => parse(line)).toThrow(reason);
  });

  it("refuses what is not UTF-8", () => {
    const line = Buffer.concat([Buffer.from('{"stream":"'), Buffer.from([0xff])]);
    expect(() => parseLine(line)).toThrow("it is not valid UTF-8");
  });
});
