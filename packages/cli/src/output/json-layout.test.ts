import { describe, expect, it } from "vitest";
import { prettyJson, spacedJson } from "./json-layout.js";

const values = ['{"a":[1,{"b":"x, \\" y: {"}],"c":{},"d":[]}', '"text"', "[ ]", "-1.5", "null"];

describe("spacedJson", () => {
  it("puts a space where a line may be broken", () => {
    expect(spacedJson('{"a":[1,2],\n"b":"x,y"}')).toBe('{"a":[1, 2], "b":"x,y"}');
  });
});

describe("prettyJson", () => {
  it.each(values)("looks as JSON.stringify would have it: %s", (json) => {
    expect(prettyJson(json)).toBe(JSON.stringify(JSON.parse(json), undefined, 2));
  });

  it("keeps digits, the order of members, and repeated ones", () => {
    expect(prettyJson('{"b":12345678901234567890,"1":1e400,"b":1.0}')).toBe(
      '{\n  "b": 12345678901234567890,\n  "1": 1e400,\n  "b": 1.0\n}',
    );
  });

  it("stays short however deep a value is", () => {
    const deep = `${"[".repeat(30_000)}1${"]".repeat(30_000)}`;
    expect(prettyJson(deep).length).toBeLessThan(10_000_000);
    expect(spacedJson(deep)).toBe(deep);
  });
});
