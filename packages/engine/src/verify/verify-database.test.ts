import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { sealBlock } from "../format/block.js";
import { BlockOffset, CHAIN_GENESIS, KeySpace } from "../format/constants.js";
import { blockKey, formatKey, keyNumber, prefixKey, snapshotKey } from "../format/keys.js";
import { type Database, putChecked, type Write } from "../log/database.js";
import {
  append,
  appendRequest,
  memoryDatabase,
  replayAll,
  storeOn,
} from "../test-support/requests.js";
import { appendRound, variedDatabase } from "../test-support/varied-database.js";
import type { Finding } from "./finding.js";
import { type VerifyOptions, type VerifySummary, verifyDatabase } from "./verify-database.js";

type Entry = [key: Buffer, value: Buffer];

interface Result {
  readonly findings: Finding[];
  readonly kinds: string[];
  readonly summary: VerifySummary | undefined;
}

async function verify(db: Database, options?: VerifyOptions): Promise<Result> {
  const findings: Finding[] = [];
  let summary: VerifySummary | undefined;
  for await (const report of verifyDatabase(db, options)) {
    if (report.type === "finding") findings.push(report.finding);
    if (report.type === "summary") summary = report;
  }
  expect(summary?.findings).toBe(findings.length);
  return { findings, kinds: [...new Set(findings.map(({ kind }) => kind))].sort(), summary };
}

let db: Database;

beforeEach(async () => {
  db = await variedDatabase();
});

function entriesOf(space: number): Promise<Entry[]> {
  return db.iterator({ gte: Buffer.of(space), lt: Buffer.of(space + 1) }).all();
}

async function nth(space: number, at: number): Promise<Entry> {
  return (await entriesOf(space)).at(at) as Entry;
}

function flipped(value: Buffer, bit = value.length * 8 - 8): Buffer {
  const copy = Buffer.from(value);
  const at = Math.floor(bit / 8);
  copy[at] = (copy[at] as number) ^ (1 << (bit % 8));
  return copy;
}

/** Writes an entry with a right checksum, whatever it says. */
function putWhole(key: Buffer, content: Uint8Array): Promise<void> {
  return db.batch([putChecked(key, content)] as Write[]);
}

describe("a database that is whole", () => {
  it("has no finding, and is summed up", async () => {
    const { findings, summary } = await verify(db);
    expect(findings).toEqual([]);
    const blocks = await entriesOf(KeySpace.block);
    const [lastKey, last] = blocks.at(-1) as Entry;
    expect(summary).toMatchObject({
      head: keyNumber(lastKey),
      events: keyNumber(lastKey),
      blocks: blocks.length,
      streams: 18,
      chain: last.subarray(BlockOffset.chain, BlockOffset.sealed),
    });
    expect(blocks.length).toBeGreaterThan(20);
  });

  // The index has each position of a tag once; what was read back had it twice.
  it("may have events that say the same tag twice", async () => {
    const repeated = memoryDatabase();
    const store = storeOn(repeated);
    await append(store, appendRequest([{ stream: "s", tags: ["t", "u", "t"] }]));
    expect((await verify(repeated)).findings).toEqual([]);
    const events = await replayAll(store);
    expect(events.map(({ event }) => event?.tags)).toEqual([["t", "u", "t"]]);
    await store.close();
  });

  it("may be empty, or hold a format number alone", async () => {
    const empty = memoryDatabase();
    await empty.open();
    expect(await verify(empty)).toMatchObject({ findings: [], summary: { head: 0, blocks: 0 } });
    await empty.put(formatKey, Buffer.from("1"));
    expect((await verify(empty)).findings).toEqual([]);
  });

  it("is checked as it was at the start, while appends go on", async () => {
    const store = storeOn(db);
    await append(store, appendRequest([{ stream: "s" }]));
    const before = (await entriesOf(KeySpace.block)).length;
    const reports = verifyDatabase(db, { bytesPerSecondMax: 64 * 1024 * 1024 });
    const findings: unknown[] = [];
    let blocks = 0;
    for await (const report of reports) {
      if (report.type === "finding") findings.push(report.finding);
      if (report.type === "summary") blocks = report.blocks;
      await appendRound(store, 99);
    }
    expect(findings).toEqual([]);
    expect(blocks).toBe(before);
    expect((await verify(db)).findings).toEqual([]);
    await store.close();
  });

  it("is checked no further once the signal aborts", async () => {
    const abort = new AbortController();
    const reports = verifyDatabase(db, { signal: abort.signal });
    await reports.next();
    abort.abort(new Error("enough"));
    const rest = (async () => {
      for await (const _ of reports);
    })();
    await expect(rest).rejects.toThrow("enough");
  });
});

describe("a block", () => {
  it.each([
    ["in its checksum", (value: Buffer) => flipped(value, 0)],
    ["in its position", (value: Buffer) => flipped(value, 44 * 8)],
    ["in its events", (value: Buffer) => flipped(value, 90 * 8)],
    ["cut off", (value: Buffer) => value.subarray(0, 20)],
    ["empty", () => Buffer.alloc(0)],
  ])("that is damaged: %s", async (_, change) => {
    for (const at of [0, 5, -1]) {
      const [key, value] = await nth(KeySpace.block, at);
      await db.put(key, change(value));
      const { findings } = await verify(db);
      expect(findings).toEqual([
        expect.objectContaining({ kind: "block-damaged", position: keyNumber(key) }),
      ]);
      await db.put(key, value);
    }
  });

  it("that is missing is named, and nothing else", async () => {
    const [before] = await nth(KeySpace.block, 4);
    await db.del((await nth(KeySpace.block, 5))[0]);
    const { findings } = await verify(db);
    const position = keyNumber(before) + 1;
    expect(findings).toEqual([expect.objectContaining({ kind: "block-missing", position })]);
  });

  it("that is missing at the end is seen by what is stored beside it", async () => {
    const last = await nth(KeySpace.block, -1);
    await db.del(last[0]);
    const { kinds, findings } = await verify(db);
    expect(kinds).toEqual(["beyond-head"]);
    expect(findings.some(({ position }) => position === keyNumber(last[0]))).toBe(true);
  });

  it("that begins too early, or breaks the chain or the order of times", async () => {
    const [key, value] = await nth(KeySpace.block, 5);
    const parts = (change: object) => ({
      bytes: Buffer.from(value),
      lastPosition: keyNumber(key),
      count: value.readUInt32BE(BlockOffset.count),
      timeMs: value.readUIntBE(BlockOffset.time, 6),
      previousChain: CHAIN_GENESIS,
      headers: [],
      ...change,
    });
    await db.put(key, sealBlock(parts({})).bytes);
    expect((await verify(db)).kinds).toEqual(["block-order"]);
    await db.put(key, sealBlock(parts({ timeMs: 1 })).bytes);
    const { findings } = await verify(db);
    expect(findings.map(({ message }) => message).join()).toMatch(/time is before/);
  });

  it("with an event that says something else than its place", async () => {
    const [key, value] = await nth(KeySpace.block, 0);
    for (const [offset, named] of [
      [BlockOffset.body + 3, /says that it is at/],
      [BlockOffset.body + 7, /damaged|decode|another/],
    ] as const) {
      const bytes = flipped(value, offset * 8);
      const sealed = sealBlock({
        bytes,
        lastPosition: keyNumber(key),
        count: value.readUInt32BE(BlockOffset.count),
        timeMs: value.readUIntBE(BlockOffset.time, 6),
        previousChain: CHAIN_GENESIS,
        headers: [],
      });
      await db.put(key, sealed.bytes);
      const { findings } = await verify(db);
      expect(findings.map(({ message }) => message).join()).toMatch(named);
    }
  });

  it("that another block overlaps", async () => {
    const [key, value] = await nth(KeySpace.block, 3);
    await db.put(blockKey(keyNumber(key) - 1), value);
    expect((await verify(db)).kinds).toEqual(["block-damaged", "block-order"]);
  });
});

describe("the index", () => {
  const spaces = [KeySpace.category, KeySpace.stream, KeySpace.tag, KeySpace.type];

  it("lacks no single entry without it being named", async () => {
    for (const space of spaces) {
      const entries = await entriesOf(space);
      for (const [key, value] of entries.filter((_, i) => i % 4 === 0)) {
        await db.del(key);
        const { findings } = await verify(db);
        const named = findings.filter(({ kind }) => kind === "entry-missing");
        expect(named).toEqual([expect.objectContaining({ key: key.toString("hex") })]);
        const others = findings.filter(({ kind }) => !/entry-missing|revision-gap/.test(kind));
        expect(others).toEqual([]);
        await db.put(key, value);
      }
    }
  });

  it("names the stream or term of an entry that is damaged", async () => {
    for (const space of spaces) {
      const [key, value] = await nth(space, 7);
      await db.put(key, flipped(value));
      const { findings } = await verify(db);
      expect(findings).toEqual([
        expect.objectContaining({ kind: "entry-damaged", key: key.toString("hex") }),
      ]);
      const name = key.toString("utf8", 1, key.length - 9);
      expect(findings[0]?.[space === KeySpace.stream ? "stream" : "term"]).toBe(name);
      await db.put(key, value);
    }
  });

  it("is held against the log, where an entry is whole and wrong", async () => {
    for (const space of spaces) {
      const [key, value] = await nth(space, 7);
      await putWhole(key, flipped(value).subarray(4));
      const { findings } = await verify(db);
      expect(findings.map((finding) => [finding.kind, finding.key])).toContainEqual([
        "entry-wrong",
        key.toString("hex"),
      ]);
      await db.put(key, value);
    }
  });

  it.each(spaces)("of key space %i has no entry that nothing accounts for", async (space) => {
    const [key, value] = await nth(space, 7);
    const other = Buffer.concat([Buffer.of(space), Buffer.from("other\0"), key.subarray(-8)]);
    await putWhole(other, value.subarray(4));
    const { findings } = await verify(db);
    expect(findings.map((finding) => [finding.kind, finding.key])).toContainEqual([
      "entry-unaccounted",
      other.toString("hex"),
    ]);
  });

  it("of a damaged block is not known to be wrong", async () => {
    const [blockEnd, block] = await nth(KeySpace.block, 5);
    await db.put(blockEnd, flipped(block));
    const [gone] = (await entriesOf(KeySpace.type)).find(([key]) =>
      key.subarray(-8).equals(blockEnd.subarray(-8)),
    ) as Entry;
    await db.del(gone);
    expect((await verify(db)).kinds).toEqual(["block-damaged"]);
  });

  it("with a stream that leaves out revisions", async () => {
    const entries = await entriesOf(KeySpace.stream);
    const many = entries.filter(([key]) => key.toString("latin1", 1, 6) === "many\0");
    await db.del((many[1] as Entry)[0]);
    const { findings } = await verify(db);
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: "revision-gap", stream: "many" }),
    );
  });

  it("that tells of positions after the head", async () => {
    const key = Buffer.concat([Buffer.from("ttype\0"), blockKey(9_999_999).subarray(1)]);
    await putWhole(key, Buffer.of(0));
    const { findings } = await verify(db);
    expect(findings).toEqual([
      expect.objectContaining({ kind: "beyond-head", position: 9_999_999, term: "type" }),
    ]);
  });
});

describe("append ids", () => {
  it("that are not there, or not listed, are named", async () => {
    const [id, outcome] = await nth(KeySpace.appendId, 3);
    await db.del(id);
    expect((await verify(db)).findings).toEqual([
      expect.objectContaining({ kind: "entry-missing", key: id.toString("hex") }),
    ]);
    await db.put(id, outcome);
    await db.del((await nth(KeySpace.appendIdExpiry, 3))[0]);
    expect((await verify(db)).kinds).toEqual(["entry-unaccounted"]);
  });

  it("that are listed at another group are named", async () => {
    const [key, value] = await nth(KeySpace.appendIdExpiry, 3);
    const [next] = await nth(KeySpace.appendIdExpiry, 4);
    await db.del(key);
    const [, nextValue] = await nth(KeySpace.appendIdExpiry, 3);
    await putWhole(next, Buffer.concat([nextValue.subarray(4), value.subarray(10)]));
    await putWhole(key, value.subarray(4));
    expect((await verify(db)).kinds).toEqual(["entry-unaccounted"]);
  });

  it.each([KeySpace.appendId, KeySpace.appendIdExpiry])(
    "that are damaged are named (key space %i)",
    async (space) => {
      const [key, value] = await nth(space, 3);
      await db.put(key, flipped(value));
      const { findings } = await verify(db);
      expect(findings).toContainEqual(
        expect.objectContaining({ kind: "entry-damaged", key: key.toString("hex") }),
      );
    },
  );

  it("whose entries have no sense are named", async () => {
    await putWhole(Buffer.concat([Buffer.from("a"), Buffer.alloc(16, 7)]), Buffer.alloc(16));
    await putWhole(Buffer.concat([Buffer.from("e"), blockKey(3).subarray(1)]), Buffer.alloc(6));
    await putWhole(Buffer.from("a-short"), Buffer.alloc(16));
    expect((await verify(db)).kinds).toEqual(["entry-damaged"]);
  });
});

describe("a snapshot", () => {
  it("that is damaged, of another stream, or ahead of its stream", async () => {
    const [key, value] = await nth(KeySpace.snapshot, 0);
    await db.put(key, flipped(value));
    expect((await verify(db)).findings).toMatchObject([{ kind: "entry-damaged", stream: "many" }]);
    await db.put(key, value);
    await putWhole(snapshotKey("a"), value.subarray(4));
    expect((await verify(db)).findings).toMatchObject([{ kind: "entry-damaged", stream: "a" }]);
    await db.del(snapshotKey("a"));
    for (const [stream] of await entriesOf(KeySpace.stream)) {
      if (stream.toString("latin1", 1, 6) === "many\0") await db.del(stream);
    }
    expect((await verify(db)).findings).toContainEqual(
      expect.objectContaining({ kind: "beyond-head", stream: "many" }),
    );
  });
});

describe("what belongs to no key space", () => {
  it("is named", async () => {
    const keys = [Buffer.of(0), Buffer.from("zebra"), prefixKey(KeySpace.metadata, "other")];
    for (const key of keys) await db.put(key, Buffer.of(1));
    const { findings } = await verify(db);
    expect(findings.map(({ kind }) => kind)).toEqual(keys.map(() => "key-unknown"));
  });

  it.each(["b", "bshort", "blonger-than-it-may", "s", "tname", "tname\x01\0\0\0\0\0\0\0\x01"])(
    "is named within a key space: %j",
    async (key) => {
      await db.put(Buffer.from(key), Buffer.of(1));
      expect((await verify(db)).kinds).toEqual(["key-unknown"]);
    },
  );

  it("is the format: missing or unknown", async () => {
    await db.put(formatKey, Buffer.from("2"));
    expect((await verify(db)).kinds).toEqual(["format"]);
    await db.del(formatKey);
    expect((await verify(db)).kinds).toEqual(["format"]);
  });
});

describe("a database that cannot be read", () => {
  it("in one place is checked in all others", async () => {
    const iterator = db.iterator.bind(db);
    const damage = Object.assign(new Error("block checksum mismatch"), {
      code: "LEVEL_CORRUPTION",
    });
    const failing = { nextv: () => Promise.reject(damage), close: async () => {} };
    const broken = (options: { limit?: number }) =>
      (options.limit ?? 1000) > 3 ? failing : iterator(options);
    Object.assign(db, { iterator: broken });
    const { findings, summary } = await verify(db);
    expect(findings).toMatchObject([{ kind: "unreadable", message: /checksum mismatch/ }]);
    expect(summary?.blocks).toBeGreaterThan(20);
  });

  // A server that had no file handles left would have told of damage.
  it("for lack of a file handle is not taken for damaged", async () => {
    const lack = Object.assign(new Error("IO error: 000005.ldb: Too many open files"), {
      code: "LEVEL_IO_ERROR",
    });
    const failing = { nextv: () => Promise.reject(lack), close: async () => {} };
    Object.assign(db, { iterator: () => failing });
    await expect(verify(db)).rejects.toThrow("Too many open files");
  });
});

describe("any change of one entry", () => {
  it("is found", async () => {
    const all = await db.iterator().all();
    const one = fc.integer({ min: 0, max: all.length - 1 });
    const change = fc.oneof(
      fc.record({ how: fc.constant("delete"), one }),
      fc.record({ how: fc.constant("alter"), one, bit: fc.nat() }),
      fc.record({ how: fc.constant("cut"), one, bit: fc.nat() }),
      fc.record({ how: fc.constant("move"), one, bit: fc.nat() }),
      fc.record({ how: fc.constant("add"), one, key: fc.uint8Array({ minLength: 1 }) }),
    );
    const property = fc.asyncProperty(change, async (chosen) => {
      const [key, value] = all[chosen.one] as Entry;
      const writes = writesOf(chosen, key, value, all);
      if (!writes) return;
      await db.batch(writes);
      const { findings } = await verify(db);
      await db.clear();
      await db.batch(all.map(([k, v]) => ({ type: "put" as const, key: k, value: v })));
      expect(findings).not.toEqual([]);
    });
    await fc.assert(property, { numRuns: 300 });
    expect((await verify(db)).findings).toEqual([]);
  });

  interface Change {
    readonly how: string;
    readonly bit?: number;
    readonly key?: Uint8Array;
  }

  /** `undefined` if the change is none, or is of a snapshot that nobody has to have. */
  function writesOf(change: Change, key: Buffer, value: Buffer, all: Entry[]): Write[] | undefined {
    const { how, bit = 0 } = change;
    const isThere = (other: Buffer): boolean => all.some(([known]) => known.equals(other));
    const put = (at: Buffer, bytes: Buffer): Write => ({ type: "put", key: at, value: bytes });
    if (how === "delete") {
      return key[0] === KeySpace.snapshot ? undefined : [{ type: "del", key }];
    }
    if (how === "alter") return [put(key, flipped(value, bit % (value.length * 8)))];
    if (how === "cut") return [put(key, value.subarray(0, bit % value.length))];
    if (how === "move") {
      const moved = flipped(key, bit % (key.length * 8));
      return isThere(moved) ? undefined : [put(moved, value)];
    }
    const added = Buffer.from(change.key ?? key);
    return isThere(added) ? undefined : [putChecked(added, value.subarray(4))];
  }
});
