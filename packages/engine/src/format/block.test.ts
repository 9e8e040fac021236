import { fromBinary } from "@bufbuild/protobuf";
import { EventBatchSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { DataCorruptError } from "../errors.js";
import { blockWrites, buildBlocks, type PlacedEvent } from "../write/blocks.js";
import { type Block, followsOn, openBlock } from "./block.js";
import { BlockOffset, CHAIN_GENESIS } from "./constants.js";

const event = (position: number, bytes = "\x12\x01T"): PlacedEvent => ({
  stream: `s-${position % 3}`,
  type: "T",
  tags: [],
  bytes: Buffer.from(bytes, "latin1"),
  position,
  revision: 0,
});

const hex = (bytes: Buffer): string => bytes.toString("hex");

const block = (positions: number[], chain = CHAIN_GENESIS): Block => {
  const [built] = buildBlocks(
    positions.map((position) => event(position)),
    1_700_000_000_000,
    chain,
  );
  return built as Block;
};

describe("a block", () => {
  it("is, byte for byte, the worked example of docs/data-layout.md", () => {
    expect(block([1]).bytes.toString("hex")).toBe(WORKED_EXAMPLE);
  });

  it("is indexed by the entries of that example", () => {
    const events = [event(1)];
    const [built] = buildBlocks(events, 1_700_000_000_000, CHAIN_GENESIS) as [Block];
    const entries = blockWrites(built).slice(1);
    expect(entries.map((e) => e.type === "put" && [e.key, e.value].map(hex))).toEqual([
      ["6373000000000000000001", "5ac27d2400"],
      ["7454000000000000000001", "8de5e30300"],
      ["73732d31000000000000000000", "07413685018bcfe56800000000000000000100"],
    ]);
  });

  it("has a body that is an EventBatch", () => {
    const { events } = fromBinary(EventBatchSchema, block([1, 2, 3]).slice(1, 3));
    expect(events.map((e) => [e.position, e.stream, e.event?.type])).toEqual([
      [1n, "s-1", "T"],
      [2n, "s-2", "T"],
      [3n, "s-0", "T"],
    ]);
  });

  it("gives any run of its events", () => {
    const all = block([5, 6, 7, 8]);
    for (const [first, last] of [
      [5, 5],
      [6, 7],
      [8, 8],
      [5, 8],
    ] as const) {
      const { events } = fromBinary(EventBatchSchema, all.slice(first, last));
      expect(events.map((e) => Number(e.position))).toEqual(
        [5, 6, 7, 8].filter((p) => p >= first && p <= last),
      );
    }
    expect(() => all.slice(4, 5)).toThrow(RangeError);
  });

  it("decodes the same headers from disk as it was written with", () => {
    const written = block([1, 2]);
    expect(openBlock(Buffer.from(written.bytes), 2).headers()).toEqual(written.headers());
  });

  it("is refused when any single bit is flipped", () => {
    const { bytes } = block([1, 2]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => openBlock(damaged, 2)).toThrow(DataCorruptError);
    }
  });

  it("is refused when it is cut off, or stands in another place", () => {
    const { bytes } = block([1, 2]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openBlock(bytes.subarray(0, length), 2)).toThrow(DataCorruptError);
    }
    expect(() => openBlock(bytes, 3)).toThrow(DataCorruptError);
  });

  it("follows on the block that it was chained to, and on no other", () => {
    const first = block([1, 2]);
    const second = block([3], first.chain);
    expect(followsOn(second, 2, first.chain)).toBe(true);
    expect(followsOn(second, 1, first.chain)).toBe(false);
    expect(followsOn(second, 2, CHAIN_GENESIS)).toBe(false);
  });
});

describe("building blocks", () => {
  it("cuts events into blocks that follow on one another", () => {
    const events = Array.from({ length: 100 }, (_, i) =>
      event(i + 1, `\x12\x01T${"x".repeat(1000)}`),
    );
    const blocks = buildBlocks(events, 1, CHAIN_GENESIS);
    expect(blocks.length).toBeGreaterThan(1);
    let [last, chain] = [0, CHAIN_GENESIS];
    for (const each of blocks) {
      expect(followsOn(each, last, chain)).toBe(true);
      [last, chain] = [each.lastPosition, each.chain];
    }
    expect(last).toBe(100);
  });

  it("puts an event that is larger than a block into one of its own", () => {
    const blocks = buildBlocks([event(1, "x".repeat(100_000)), event(2)], 1, CHAIN_GENESIS);
    expect(blocks.map((b) => b.count)).toEqual([1, 1]);
    expect(blocks[0]?.bytes.length).toBeGreaterThan(100_000 + BlockOffset.body);
  });
});

/** crc, format, chain, last position, count, time, then the event. */
const WORKED_EXAMPLE = [
  "72267d8d",
  "01",
  "e653321b14adba8efcf299f95b119c912393ae6010df5800249a48b2cecefd9c",
  "0000000000000001",
  "00000001",
  "018bcfe56800",
  "0a18080110001a03732d3122080880e2cfaa0610002a03120154",
].join("");
