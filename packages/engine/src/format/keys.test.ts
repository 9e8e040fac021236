import { describe, expect, it } from "vitest";
import { KeySpace } from "./constants.js";
import {
  blockKey,
  keyName,
  keyNumber,
  namedRangeEnd,
  namedRangeStart,
  prefixEnd,
  prefixKey,
  streamKey,
} from "./keys.js";

const sorted = (keys: Buffer[]): boolean =>
  keys.every((key, i) => i === 0 || Buffer.compare(keys[i - 1] as Buffer, key) < 0);

describe("keys", () => {
  it("sort as their numbers do, across the 32-bit border", () => {
    const numbers = [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
    expect(sorted(numbers.map(blockKey))).toBe(true);
    expect(numbers.map(blockKey).map(keyNumber)).toEqual(numbers);
  });

  it("keep the keys of a name together, and out of a name that it begins", () => {
    const keys = [
      streamKey("a", 0),
      streamKey("a", 2 ** 40),
      streamKey("a-1", 0),
      streamKey("aé", 0),
    ];
    expect(sorted(keys)).toBe(true);
    const [start, end] = [
      namedRangeStart(KeySpace.stream, "a"),
      namedRangeEnd(KeySpace.stream, "a"),
    ];
    const inside = keys.filter((k) => Buffer.compare(k, start) > 0 && Buffer.compare(k, end) < 0);
    expect(inside.map(keyName)).toEqual(["a", "a"]);
  });

  it("keep every name with a prefix inside the prefix's range", () => {
    const [start, end] = [prefixKey(KeySpace.stream, "é"), prefixEnd(KeySpace.stream, "é")];
    for (const name of ["é", "éa", "é\u{10ffff}"]) {
      expect(Buffer.compare(streamKey(name, 0), start)).toBe(1);
      expect(Buffer.compare(streamKey(name, 2 ** 53 - 1), end)).toBe(-1);
    }
    expect(Buffer.compare(streamKey("ê", 0), end)).toBe(1);
  });

  it("give back the name, also of several bytes a character", () => {
    expect(keyName(streamKey("über-1", 7))).toBe("über-1");
  });
});
