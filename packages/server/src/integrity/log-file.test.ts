import { describe, expect, it } from "vitest";
import { flip } from "../test-support/level.js";
import { fragment, logOf } from "../test-support/log-writer.js";
import { readLogFile } from "./log-file.js";
import { FRAGMENT_HEADER_BYTES, FragmentType, LOG_BLOCK_BYTES } from "./log-fragment.js";

/** Bytes that are not all alike. The last one is no zero. */
function bytesOf(length: number, seed = 1): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => ((i * 31 + seed) % 255) + 1));
}

const small = [bytesOf(20), bytesOf(1, 7), bytesOf(300, 3), bytesOf(45, 9)];
/** Some cross blocks; the second ends so close to the end of one that padding follows. */
const large = [
  bytesOf(100, 2),
  bytesOf(LOG_BLOCK_BYTES - 107 - 7 - 3, 3),
  bytesOf(50_000, 4),
  bytesOf(10, 5),
  bytesOf(80_000, 6),
  bytesOf(600, 7),
];

function contentsOf(bytes: Buffer): Buffer[] {
  return readLogFile(bytes).records.map(({ content }) => content);
}

describe("a file of LevelDB's log format", () => {
  it.each([
    ["of small records", small],
    ["of records in several blocks", large],
    ["with a record of nothing", [bytesOf(3), Buffer.alloc(0), bytesOf(4)]],
    ["of nothing", []],
  ])("%s is read as it was written", (_, records) => {
    const { damage } = readLogFile(logOf(records));
    expect(damage).toEqual([]);
    expect(contentsOf(logOf(records))).toEqual(records);
  });

  it.each([
    ["small", small, 1],
    ["large", large, 1009],
  ] as const)("of %s records may be cut off anywhere", (_, records, step) => {
    const bytes = logOf(records);
    for (let length = 0; length < bytes.length; length += step) {
      const { damage } = readLogFile(bytes.subarray(0, length));
      expect([length, damage]).toEqual([length, []]);
      const read = contentsOf(bytes.subarray(0, length));
      expect(read).toEqual(records.slice(0, read.length));
      expect(read.length).toBeLessThan(records.length);
    }
  });

  it("may end with sectors that were never written", () => {
    const bytes = logOf(large);
    for (let length = 0; length < bytes.length - 64; length += 2048) {
      const { damage } = readLogFile(Buffer.from(bytes).fill(0, length));
      expect([length, damage]).toEqual([length, []]);
    }
  });

  // A loss of power left 33 zeros, and the server refused to open a log that had lost nothing.
  it("may end with a sector that was never written, of which it has a few bytes only", () => {
    for (const left of [4, 5, 33, 63, 64]) {
      const bytes = logOf([bytesOf(100), bytesOf(2048 - 107 - FRAGMENT_HEADER_BYTES + left)]);
      const { damage, records } = readLogFile(bytes.fill(0, 2048));
      expect([left, damage]).toEqual([left, []]);
      expect(records).toHaveLength(1);
    }
  });

  it("has no bit that flips unnoticed", () => {
    const bytes = logOf(small);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const { damage } = readLogFile(flip(Buffer.from(bytes), bit));
      expect([bit, damage.length]).toEqual([bit, 1]);
    }
  });

  it("has no bit in several blocks that flips unnoticed, but for padding", () => {
    const bytes = logOf(large);
    for (let bit = 0; bit < bytes.length * 8; bit += 2003) {
      const { damage } = readLogFile(flip(Buffer.from(bytes), bit));
      if (damage.length === 0) expect(contentsOf(flip(Buffer.from(bytes), bit))).toEqual(large);
      else expect(damage[0]?.offset).toBeLessThanOrEqual(bit / 8);
    }
  });

  it("is read on after damage, as LevelDB does: from the next block", () => {
    const { damage, records } = readLogFile(flip(logOf(large), 50 * 8));
    expect(damage).toEqual([{ offset: 0, what: "a record does not match its checksum" }]);
    expect(records.map(({ content }) => content)).toEqual(large.slice(2));
    expect(records[0]?.isContiguous).toBe(false);
    expect(records[1]?.isContiguous).toBe(true);
  });

  it.each([
    ["to beyond the end of the file", 255],
    ["to less", 0],
  ])("has a last record whose length has changed: %s", (_, length) => {
    const bytes = logOf(small);
    const last = bytes.length - 45 - FRAGMENT_HEADER_BYTES;
    bytes[last + 4] = length;
    expect(readLogFile(bytes).damage).toMatchObject([{ offset: last }]);
  });

  it("is not taken as cut off where a record follows", () => {
    const bytes = logOf(small);
    // Its checksum and its length, so that nothing but what follows tells.
    bytes.fill(0xff, 0, 5);
    expect(readLogFile(bytes).damage).toMatchObject([{ offset: 0 }]);
  });

  it("has no zeros before its end", () => {
    const bytes = logOf(large);
    const zeroed = Buffer.from(bytes).fill(0, LOG_BLOCK_BYTES, 2 * LOG_BLOCK_BYTES);
    expect(readLogFile(zeroed).damage).toEqual([
      { offset: LOG_BLOCK_BYTES, what: "there are zeros where a record must be" },
    ]);
  });

  it("has no record whose beginning or end is gone", () => {
    const bytes = logOf(large);
    const blocks = (...numbers: number[]): Buffer =>
      Buffer.concat(
        numbers.map((n) => bytes.subarray(n * LOG_BLOCK_BYTES, (n + 1) * LOG_BLOCK_BYTES)),
      );
    expect(readLogFile(blocks(0, 2, 3, 4)).damage).toMatchObject([
      { offset: LOG_BLOCK_BYTES, what: "a record has no beginning" },
    ]);
    const [begun, whole] = [fragment(FragmentType.first, bytesOf(9)), logOf([bytesOf(5)])];
    expect(readLogFile(Buffer.concat([begun, whole])).damage).toEqual([
      { offset: 0, what: "a record has no end" },
    ]);
  });

  it("has no records of unknown types", () => {
    const bytes = Buffer.concat([fragment(9, bytesOf(9)), logOf([bytesOf(5)])]);
    expect(readLogFile(bytes).damage).toEqual([
      { offset: 0, what: "a record is of an unknown type" },
    ]);
  });
});
