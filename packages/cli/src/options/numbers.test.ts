import { describe, expect, it } from "vitest";
import { parseAfter, parseExpect, parseLimit, parsePosition, parseRevision } from "./numbers.js";

describe("numbers of the command line", () => {
  it("takes whole numbers up to what 64 bits hold", () => {
    expect(parseRevision("0")).toBe(0n);
    expect(parseAfter("0")).toBe(0n);
    expect(parsePosition("9223372036854775807")).toBe(9223372036854775807n);
  });

  it.each(["", "-1", "1.5", "1e3", "0x10", " 1", "n", "9223372036854775808"])(
    "refuses %j",
    (text) => {
      expect(() => parseRevision(text)).toThrow("It must be a revision, 0 or more.");
    },
  );

  it("refuses 0 where counting starts at 1", () => {
    expect(() => parsePosition("0")).toThrow("a position, 1 or more");
    expect(() => parseLimit("0")).toThrow("a number, 1 or more");
  });
});

describe("parseExpect", () => {
  it("takes a state or a revision", () => {
    expect(["no-stream", "exists", "3"].map(parseExpect)).toEqual(["no-stream", "exists", 3n]);
  });

  it("refuses anything else", () => {
    expect(() => parseExpect("any")).toThrow('It must be "no-stream", "exists", or a revision');
  });
});
