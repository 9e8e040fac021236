import { randomUUID } from "node:crypto";
import { Direction, type Failure } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { type Database, entriesOf, space, withDatabase } from "../support/database.js";
import { expectFailure, fromFailure } from "../support/failure.js";
import { positions, range, read, replay } from "../support/frames.js";
import { seededRandom } from "../support/random.js";
import { largeEvents, newEvent, newEvents, ofStream } from "../support/requests.js";
import { startTestServer, type TestServer } from "../support/server.js";

/** The server looks at this much of the end of a log when it starts. */
const BEYOND_THE_CHECKED_END = 50;

/**
 * A log whose first blocks are too old to be checked at the start: "old" has
 * positions 1 to 3, each with a block of its own, before large ones of "bulk".
 */
async function oldBlocks(workspace = "default"): Promise<string> {
  const { client, folder, stop } = await startTestServer();
  for (let n = 0; n < 3; n++) {
    await client.append({ workspace, events: newEvents("old", 1, { type: "old", tags: ["old"] }) });
  }
  for (let n = 0; n < BEYOND_THE_CHECKED_END / 25; n++) {
    await client.append({ workspace, events: largeEvents("bulk", 25, 100_000) });
  }
  await stop();
  return folder;
}

/** Changes the value of one block, by its place in the log, or removes it. */
function damage(
  folder: string,
  ordinal: number,
  change: (value: Buffer, all: [Buffer, Buffer][]) => Buffer | undefined,
  workspace = "default",
): Promise<void> {
  return withDatabase(folder, `workspaces/${workspace}`, async (db) => {
    const all = await entriesOf(db, space.block);
    const [key, value] = all.at(ordinal) ?? [];
    if (!key || !value) throw new Error("there is no such block");
    const changed = change(Buffer.from(value), all);
    if (changed) await db.put(key, changed);
    else await db.del(key);
  });
}

function flipBit(value: Buffer, bit: number): Buffer {
  const at = Math.floor(bit / 8);
  value[at] = (value[at] as number) ^ (1 << (bit % 8));
  return value;
}

/** Replays until it fails; whatever comes before the failure is given to `seen`. */
async function replayInto(client: StoreClient, seen: number[], workspace = ""): Promise<void> {
  for await (const { frame } of client.replay({ workspace })) {
    if (frame.case === "events") seen.push(...positions(frame.value.events));
  }
}

async function expectDamaged(server: TestServer, position: bigint, workspace = ""): Promise<void> {
  const { client } = server;
  const seen: number[] = [];
  const expected = { workspace: workspace || "default", position: String(position) };
  const failures = [
    await expectFailure(client.read({ workspace, stream: "old" }), "DATA_CORRUPT"),
    await expectFailure(replayInto(client, seen, workspace), "DATA_CORRUPT"),
    await expectFailure(client.subscribe({ workspace }), "DATA_CORRUPT"),
  ];
  for (const { metadata } of failures) expect(metadata).toEqual(expected);
  expect(seen).toEqual(range(1, Number(position) - 1).slice(0, seen.length));
}

describe("a damaged block", () => {
  const changes: [string, (value: Buffer, all: [Buffer, Buffer][]) => Buffer | undefined][] = [
    ["in its checksum", (value) => flipBit(value, 0)],
    ["in its format number", (value) => flipBit(value, 4 * 8)],
    ["in its chain value", (value) => flipBit(value, 5 * 8)],
    ["in its position", (value) => flipBit(value, 44 * 8)],
    ["in its time", (value) => flipBit(value, 54 * 8)],
    ["in its events", (value) => flipBit(value, 60 * 8 + 3)],
    ["in its last byte", (value) => flipBit(value, value.length * 8 - 1)],
    ["that is cut off", (value) => value.subarray(0, -1)],
    ["that is cut off in its header", (value) => value.subarray(0, 20)],
    ["that is empty", () => Buffer.alloc(0)],
    ["that has bytes too many", (value) => Buffer.concat([value, Buffer.of(0)])],
    ["that is another block", (_, all) => all[0]?.[1]],
    ["that is missing", () => undefined],
  ];
  it.each(changes)("%s is reported, and never served", async (_, change) => {
    const folder = await oldBlocks();
    await damage(folder, 1, change);
    const server = await startTestServer({ folder });
    // A missing block is noticed at the next one, too.
    await expectDamaged(server, 2n);
  });

  it("does not keep other streams from being read, nor appends from being stored", async () => {
    const folder = await oldBlocks();
    await damage(folder, 1, (value) => flipBit(value, 500));
    const { client } = await startTestServer({ folder });
    expect((await read(client, { stream: "bulk" })).events).toHaveLength(BEYOND_THE_CHECKED_END);
    const unharmed = await read(client, { stream: "old", toRevision: 0n });
    expect(positions(unharmed.events)).toEqual([1]);
    const answer = await client.append({ events: [newEvent("old")] });
    expect(answer.streams).toMatchObject([{ firstRevision: 3n }]);
  });

  it("of one workspace does not concern another", async () => {
    const folder = await oldBlocks("blue");
    await damage(folder, 1, (value) => flipBit(value, 500), "blue");
    const server = await startTestServer({ folder });
    await server.client.append({ events: [newEvent("s")] });
    expect((await read(server.client, { stream: "s" })).events).toHaveLength(1);
    await expectDamaged(server, 2n, "blue");
  });

  it("is noticed whichever bit has flipped", async () => {
    const folder = await oldBlocks();
    const { random, seed } = seededRandom();
    for (let attempt = 0; attempt < 12; attempt++) {
      const bit = Math.floor(random() * 100 * 8);
      await damage(folder, 1, (value) => flipBit(value, bit));
      const { client, stop } = await startTestServer({ folder });
      const call = client.read({ stream: "old", fromRevision: 1n });
      await expectFailure(call, "DATA_CORRUPT").catch((error: unknown) => {
        throw new Error(`seed ${seed}: bit ${bit} was not noticed`, { cause: error });
      });
      await stop();
      await damage(folder, 1, (value) => flipBit(value, bit));
    }
  });
});

describe("damage at the end of the log", () => {
  /** Seven positions: three and three of "s", a block each, and one of "t". */
  async function log(workspace = "default"): Promise<string> {
    const { client, folder, stop } = await startTestServer();
    for (const [stream, count] of [
      ["s", 3],
      ["s", 3],
      ["t", 1],
    ] as const) {
      const appendId = randomUUID();
      await client.append({ workspace, appendId, events: newEvents(stream, count) });
    }
    await stop();
    return folder;
  }

  const changes: [string, bigint, (folder: string) => Promise<unknown>][] = [
    ["in the newest block", 7n, (folder) => damage(folder, -1, (value) => flipBit(value, 500))],
    ["in its header", 7n, (folder) => damage(folder, -1, (value) => flipBit(value, 40))],
    ["that cuts it off", 7n, (folder) => damage(folder, -1, (value) => value.subarray(0, 30))],
    ["that loses it", 7n, (folder) => damage(folder, -1, () => undefined)],
    ["that loses a block before it", 7n, (folder) => damage(folder, -2, () => undefined)],
    ["in the first block", 3n, (folder) => damage(folder, 0, (value) => flipBit(value, 500))],
    ["that loses the first block", 3n, (folder) => damage(folder, 0, () => undefined)],
    [
      "that replaces a block by another",
      6n,
      (folder) => damage(folder, 1, (_, [first]) => first?.[1]),
    ],
    ["in a stream's head", 6n, (folder) => damageHead(folder, "s", 5, flipLast)],
    ["that loses a stream's head", 7n, (folder) => damageHead(folder, "t", 0, () => undefined)],
  ];
  it.each(changes)(
    "%s leaves a workspace that is read-only, and says so",
    async (_, position, hurt) => {
      const folder = await log();
      await hurt(folder);
      const { client } = await startTestServer({ folder });
      const refused = await expectFailure(
        client.append({ events: newEvents("u", 1) }),
        "DATA_CORRUPT",
      );
      expect(refused.metadata).toMatchObject({ workspace: "default", position: String(position) });
      const { appendsRefused } = await client.getStatus({});
      expect(fromFailure(appendsRefused as Failure)).toMatchObject({ ...refused });
      const snapshot = { stream: "s", revision: 0n, schemaType: "s/1", data: Buffer.from("state") };
      await expectFailure(client.saveSnapshot({ snapshot }), "DATA_CORRUPT");
    },
  );

  it("keeps nothing from being read that is not damaged", async () => {
    const folder = await log();
    await damage(folder, -1, (value) => flipBit(value, 500));
    const { client } = await startTestServer({ folder });
    expect(positions((await read(client, { stream: "s" })).events)).toEqual(range(1, 6));
    expect(positions((await replay(client, { toPosition: 6n })).events)).toEqual(range(1, 6));
    await expectFailure(replay(client), "DATA_CORRUPT");
    await expectFailure(read(client, { stream: "t" }), "DATA_CORRUPT");
    expect((await client.getStatus({})).head).toBe(7n);
  });

  it("that is a block of another log is not served, though its checksum matches", async () => {
    const { client, folder, stop } = await startTestServer();
    for (let n = 0; n < 3; n++) {
      await client.append({ events: [newEvent("s")] });
      await client.append({ workspace: "blue", events: [newEvent("s")] });
    }
    await stop();
    const others = await withDatabase(folder, "workspaces/blue", (db) =>
      entriesOf(db, space.block),
    );
    await damage(folder, -2, () => others.at(-2)?.[1]);
    const again = await startTestServer({ folder });
    const seen: number[] = [];
    await expectFailure(replayInto(again.client, seen), "DATA_CORRUPT");
    expect(seen.filter((position) => position > 1)).toEqual([]);
    const backwards = { stream: "s", direction: Direction.BACKWARDS };
    await expectFailure(again.client.read(backwards), "DATA_CORRUPT");
    await expectFailure(again.client.read({ stream: "s", fromRevision: 1n }), "DATA_CORRUPT");
    expect((await read(again.client, { stream: "s", toRevision: 0n })).events).toHaveLength(1);
  });

  it("of one workspace does not concern another", async () => {
    const folder = await log("blue");
    await damage(folder, -1, (value) => flipBit(value, 500), "blue");
    const { client } = await startTestServer({ folder });
    await client.append({ events: newEvents("s", 1) });
    const append = client.append({ workspace: "blue", events: newEvents("s", 1) });
    const { metadata } = await expectFailure(append, "DATA_CORRUPT");
    expect(metadata).toEqual({ workspace: "blue", position: "7" });
    expect((await client.getStatus({})).appendsRefused).toBeUndefined();
  });

  it("stays as it was, however often the server is started", async () => {
    const folder = await log();
    await damage(folder, 1, () => undefined);
    for (let start = 0; start < 3; start++) {
      const { client, stop } = await startTestServer({ folder });
      await expectFailure(client.append({ events: newEvents("u", 1) }), "DATA_CORRUPT");
      await stop();
    }
  });

  function damageHead(
    folder: string,
    name: string,
    last: number,
    change: (value: Buffer) => Buffer | undefined,
  ): Promise<void> {
    return withDatabase(folder, "workspaces/default", async (db) => {
      const key = Buffer.concat([Buffer.from(`s${name}\0`), u64(last)]);
      const value = await db.get(key);
      if (!value) throw new Error("there is no such entry");
      const changed = change(Buffer.from(value));
      if (changed) await db.put(key, changed);
      else await db.del(key);
    });
  }
});

function flipLast(value: Buffer): Buffer {
  return flipBit(value, value.length * 8 - 1);
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

describe("damage beside the log", () => {
  /** Changes the last byte of every value of a key space whose key has a name. */
  async function damageIndex(folder: string, first: string, name: string): Promise<void> {
    await withDatabase(folder, "workspaces/default", async (db: Database) => {
      for (const [key, value] of await entriesOf(db, first)) {
        if (!key.subarray(1).toString("latin1").startsWith(name)) continue;
        await db.put(key, flipBit(Buffer.from(value), value.length * 8 - 8));
      }
    });
  }

  /** Two events of different streams, types and tags side by side in each of many blocks. */
  async function pairs(): Promise<string> {
    const { client, folder, stop } = await startTestServer();
    const pair = ["a", "b"].map((name) => newEvent(name, { type: name, tags: [name] }));
    await client.append({ events: pair });
    // Too many for a search to do without the index.
    await client.append({ events: newEvents("bulk", 4096) });
    await client.append({ events: newEvents("bulk", 1000) });
    await stop();
    return folder;
  }

  it("in the index of a stream never serves another stream's events", async () => {
    const folder = await pairs();
    await damageIndex(folder, space.stream, "b\0");
    const { client } = await startTestServer({ folder });
    await expectOnly(client.read({ stream: "b" }), "b");
    const filter = { anyOf: [ofStream("b")] };
    await expectOnly(client.replay({ filter }), "b");
  });

  it.each([
    ["types", space.type, { types: ["b"] }],
    ["tags", space.tag, { tags: ["b"] }],
  ])("in the index of %s never serves events that do not match", async (_, first, clause) => {
    const folder = await pairs();
    await damageIndex(folder, first, "b\0");
    const { client } = await startTestServer({ folder });
    await expectOnly(client.replay({ filter: { anyOf: [clause] } }), "b");
  });

  it.each([
    ["oldest", 0],
    ["middle", 1],
  ])("that is the loss of the %s entry of a stream is not read over", async (_, lost) => {
    const { client, folder, stop } = await startTestServer();
    for (let n = 0; n < 3; n++) await client.append({ events: newEvents("s", 2) });
    await stop();
    await withDatabase(folder, "workspaces/default", async (db: Database) => {
      const entries = await entriesOf(db, space.stream);
      await db.del(entries[lost]?.[0] as Buffer);
    });
    const again = await startTestServer({ folder });
    const backwards = Direction.BACKWARDS;
    await expectFailure(again.client.read({ stream: "s" }), "DATA_CORRUPT");
    await expectFailure(again.client.read({ stream: "s", direction: backwards }), "DATA_CORRUPT");
    const unharmed = await read(again.client, { stream: "s", fromRevision: 4n });
    expect(positions(unharmed.events)).toEqual([5, 6]);
  });

  it("in a snapshot is reported, and healed by the next one", async () => {
    const { client, folder, stop } = await startTestServer();
    await client.append({ events: newEvents("s", 3) });
    const snapshot = { stream: "s", revision: 1n, schemaType: "s/1", data: Buffer.from("state") };
    await client.saveSnapshot({ snapshot });
    await stop();
    await damageIndex(folder, space.snapshot, "s");
    const again = await startTestServer({ folder });
    await expectFailure(again.client.getSnapshot({ stream: "s" }), "DATA_CORRUPT");
    expect((await again.client.saveSnapshot({ snapshot })).saved).toBe(true);
    expect((await again.client.getSnapshot({ stream: "s" })).snapshot?.revision).toBe(1n);
  });
});

interface EventsFrame {
  readonly frame: { readonly case: string | undefined; readonly value?: unknown };
}

/** Damage may be reported, but no event of another stream may come. */
async function expectOnly(call: AsyncIterable<EventsFrame>, stream: string): Promise<void> {
  const streams = new Set<string>();
  const reading = (async () => {
    for await (const { frame } of call) {
      if (frame.case !== "events") continue;
      const { events } = frame.value as { events: { stream: string }[] };
      for (const event of events) streams.add(event.stream);
    }
  })();
  const failure = await reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure !== undefined) await expectFailure(Promise.reject(failure), "DATA_CORRUPT");
  expect([...streams]).toEqual(streams.size > 0 ? [stream] : []);
}
