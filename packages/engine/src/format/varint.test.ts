import { describe, expect, it } from "vitest";
import { VarintReader, varintSize, writeVarint } from "./varint.js";

const edges = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53 - 1];

describe("varint", () => {
  it.each(edges)("round-trips %d in the size that it announced", (value) => {
    const bytes = Buffer.alloc(8);
    const end = writeVarint(bytes, 0, value);
    expect(end).toBe(varintSize(value));
    const reader = new VarintReader(bytes.subarray(0, end));
    expect(reader.next()).toBe(value);
    expect(reader.done).toBe(true);
  });

  it("refuses a number that is cut off", () => {
    expect(() => new VarintReader(Buffer.of(0x80)).next()).toThrow(RangeError);
  });

  it("refuses a number beyond 2^53 - 1", () => {
    const bytes = Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
    expect(() => new VarintReader(bytes).next()).toThrow(RangeError);
  });
});
