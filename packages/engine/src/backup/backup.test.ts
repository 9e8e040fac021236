import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AppendResponseSchema,
  type BackupHeader,
  BackupRequestSchema,
  BackupResponseSchema,
  ErrorReason,
  GetSnapshotRequestSchema,
  GetStatusRequestSchema,
  SaveSnapshotRequestSchema,
} from "@varve/proto";
import { describe, expect, it } from "vitest";
import { StoreError } from "../errors.js";
import { EventStore } from "../event-store.js";
import { openBlock, sealBlock } from "../format/block.js";
import { CHAIN_GENESIS } from "../format/constants.js";
import { appendIdKey, blockKey } from "../format/keys.js";
import {
  all,
  backUp,
  entriesOf,
  framesOf,
  restore,
  restoredStore,
} from "../test-support/backups.js";
import {
  append,
  appendRequest,
  memoryDatabase,
  nextId,
  replayAll,
} from "../test-support/requests.js";
import { emptyLog, FIRST_MS, type SmallLog, STEP_MS, smallLog } from "../test-support/small-log.js";
import { memoryStorage } from "../workspace/memory-storage.js";
import { writeAppendId } from "../write/append-ids.js";

async function reasonOf(promise: Promise<unknown>): Promise<[string, object] | undefined> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof StoreError ? [ErrorReason[error.reason], error.metadata] : undefined;
}

async function headerOf(
  { store }: SmallLog,
  after = 0,
  afterChain: Buffer = Buffer.alloc(0),
): Promise<BackupHeader> {
  const [first] = await framesOf(store, { afterPosition: BigInt(after), afterChain });
  return fromBinary(BackupResponseSchema, first as Buffer).frame.value as BackupHeader;
}

/** Replaces the stored block that ends at a position. */
async function damage(
  { db }: SmallLog,
  lastPosition: number,
  change: (bytes: Buffer) => Buffer,
): Promise<void> {
  const key = blockKey(lastPosition);
  await db.put(key, change(Buffer.from((await db.get(key)) as Buffer)));
}

describe("a backup", () => {
  it("restores every entry of the database, byte for byte", async () => {
    const { store, db } = await smallLog();
    const { db: copy, ...log } = await restore([await backUp(store)]);
    expect(log).toMatchObject({ head: 12, timeMs: FIRST_MS + 4 * STEP_MS, appendIds: 5 });
    expect(await entriesOf(copy)).toEqual(await entriesOf(db));
  });

  it("restores a log that goes on as if nothing had happened", async () => {
    const { store, appends } = await smallLog();
    const clock = (): number => FIRST_MS + STEP_MS * 10;
    const copy = await restoredStore([await backUp(store)], {}, { clock });
    expect(await replayAll(copy)).toEqual(await replayAll(store));
    for (const request of appends) {
      expect((await append(copy, request)).repeat).toBe(true);
      const other = appendRequest([{ stream: "other" }], { appendId: request.appendId });
      expect(await reasonOf(append(copy, other))).toEqual(["APPEND_ID_REUSED", {}]);
    }
    const next = await append(copy, appendRequest([{ stream: "order-1" }]));
    expect(next).toMatchObject({ firstPosition: 13n, streams: [{ firstRevision: 3n }] });
  });

  it("leaves snapshots out", async () => {
    const { store } = await smallLog();
    const snapshot = { stream: "order-1", schemaType: "t" };
    await store.saveSnapshot(create(SaveSnapshotRequestSchema, { snapshot }));
    const copy = await restoredStore([await backUp(store)]);
    const request = create(GetSnapshotRequestSchema, { stream: "order-1" });
    const { snapshot: kept } = await copy.getSnapshot(request);
    expect(kept).toBeUndefined();
  });

  it("of a workspace without events is one too", async () => {
    const { store } = await emptyLog();
    const bytes = await backUp(store);
    const copy = await restoredStore([bytes]);
    expect(await replayAll(copy)).toEqual([]);
    expect((await append(copy, appendRequest([{ stream: "s" }]))).firstPosition).toBe(1n);
  });

  it("has frames of about 256 KiB, and one block in each that is larger", async () => {
    const log = await emptyLog();
    const kib = 1024;
    for (const size of [...Array<number>(20).fill(30 * kib), 900 * kib]) {
      await log.append({ stream: "s", data: "x".repeat(size) });
    }
    const sizes = (await framesOf(log.store)).map((frame) => Math.round(frame.length / 30 / kib));
    expect(sizes).toEqual([0, 9, 9, 32, 0, 0]);
  });

  it("is of the head when it began, though appends go on", async () => {
    const { store } = await smallLog();
    const frames: Buffer[] = [];
    for await (const frame of store.backup(create(BackupRequestSchema))) {
      frames.push(frame);
      await append(store, appendRequest([{ stream: "s" }], { appendId: nextId() }));
    }
    const [header, ...rest] = frames.map((frame) => fromBinary(BackupResponseSchema, frame).frame);
    expect(header?.value).toMatchObject({ head: 12n });
    expect(rest.at(-1)?.value).toMatchObject({ head: 12n, blocks: 6n, events: 12n, appendIds: 5n });
  });

  it("leaves out an append id that expires or is used anew meanwhile", async () => {
    const { store, db, appends } = await smallLog();
    const [expired, usedAnew] = appends.map(({ appendId }) =>
      Buffer.from(appendId.replaceAll("-", ""), "hex"),
    ) as [Buffer, Buffer];
    const frames = store.backup(create(BackupRequestSchema));
    await frames.next();
    const later = create(AppendResponseSchema, { lastPosition: 13n });
    const response = Buffer.from(toBinary(AppendResponseSchema, later));
    const written = writeAppendId(usedAnew, { contentHash: Buffer.alloc(16), response });
    await db.batch([written, { type: "del", key: appendIdKey(expired) }]);
    let last: Buffer | undefined;
    for await (const frame of frames) last = frame;
    const end = fromBinary(BackupResponseSchema, last as Buffer).frame.value;
    expect(end).toMatchObject({ appendIds: 3n });
  });

  it("ends with SERVER_STOPPING when the server stops", async () => {
    const { store } = await smallLog();
    const frames = store.backup(create(BackupRequestSchema));
    await frames.next();
    await store.stop();
    expect(await reasonOf(all(frames))).toEqual(["SERVER_STOPPING", {}]);
  });

  it("of a workspace that does not exist is refused", async () => {
    const store = new EventStore(memoryStorage(memoryDatabase));
    const refusal = await reasonOf(framesOf(store, { workspace: "none" }));
    expect(refusal).toEqual(["WORKSPACE_NOT_FOUND", { workspace: "none" }]);
  });
});

describe("an incremental backup", () => {
  it("begins at the end of a block at or before the position", async () => {
    const log = await smallLog();
    const starts = [];
    for (let after = 0; after <= 12; after++) {
      starts.push(Number((await headerOf(log, after)).afterPosition));
    }
    expect(starts).toEqual([0, 1, 1, 3, 4, 4, 6, 7, 7, 7, 7, 7, 12]);
  });

  it("has in its header what the block before ends with", async () => {
    const log = await smallLog();
    const block = openBlock((await log.db.get(blockKey(4))) as Buffer, 4);
    const header = await headerOf(log, 5);
    expect(Buffer.from(header.afterChain)).toEqual(block.chain);
    expect(Buffer.from((await headerOf(log)).afterChain)).toEqual(CHAIN_GENESIS);
    expect(await headerOf(log, 4, block.chain)).toMatchObject({ afterPosition: 4n });
  });

  it("holds no block and no append id of before", async () => {
    const { store } = await smallLog();
    const frames = await framesOf(store, { afterPosition: 7n });
    const end = fromBinary(BackupResponseSchema, frames.at(-1) as Buffer).frame.value;
    expect(end).toMatchObject({ blocks: 1n, events: 5n, appendIds: 1n });
  });

  it("is refused if the log is another one than that of the chain value", async () => {
    const log = await smallLog();
    const chain = Buffer.from((await headerOf(log, 4)).afterChain);
    for (const after of [0, 3, 5, 12]) {
      const refusal = await reasonOf(headerOf(log, after, chain));
      expect(refusal).toEqual(["LOG_MISMATCH", { position: String(after) }]);
    }
  });

  it("is refused beyond the head, and with fields that are none", async () => {
    const log = await smallLog();
    expect(await reasonOf(headerOf(log, 13))).toEqual([
      "POSITION_AHEAD_OF_HEAD",
      { position: "13", head: "12" },
    ]);
    expect((await reasonOf(headerOf(log, -1)))?.[0]).toBe("INVALID_REQUEST");
    expect((await reasonOf(headerOf(log, 0, Buffer.alloc(31))))?.[0]).toBe("INVALID_REQUEST");
  });
});

describe("a backup of a damaged log", () => {
  const isDamagedAt = (position: number): [string, object] => [
    "DATA_CORRUPT",
    { position: String(position), workspace: "default" },
  ];

  it("is refused at a changed byte", async () => {
    const log = await smallLog();
    await damage(log, 4, (bytes) => {
      bytes[60] = (bytes[60] as number) ^ 1;
      return bytes;
    });
    expect(await reasonOf(framesOf(log.store))).toEqual(isDamagedAt(4));
    expect(await reasonOf(framesOf(log.store, { afterPosition: 4n }))).toEqual(isDamagedAt(4));
  });

  it("is refused at a block that is missing", async () => {
    const log = await smallLog();
    await log.db.del(blockKey(4));
    expect(await reasonOf(framesOf(log.store))).toEqual(isDamagedAt(4));
    expect(await reasonOf(framesOf(log.store, { afterPosition: 4n }))).toEqual(isDamagedAt(4));
  });

  it("is refused at a block that is whole and does not belong there", async () => {
    const log = await smallLog();
    await damage(log, 4, (bytes) => {
      const { lastPosition, count, timeMs } = openBlock(bytes, 4);
      const previousChain = Buffer.alloc(32, 7);
      return sealBlock({ bytes, lastPosition, count, timeMs, previousChain, headers: [] }).bytes;
    });
    expect(await reasonOf(framesOf(log.store))).toEqual(isDamagedAt(4));
  });

  it("whose index is damaged works, and restores a whole index", async () => {
    const { store, db } = await smallLog();
    const before = await entriesOf(db);
    await db.del(Buffer.from(before.find(([key]) => key.startsWith("73"))?.[0] ?? "", "hex"));
    const { db: copy } = await restore([await backUp(store)]);
    expect(await entriesOf(copy)).toEqual(before);
  });
});

describe("the list of workspaces", () => {
  it("has those that exist, in order, and nothing that is none", async () => {
    const storage = memoryStorage(memoryDatabase);
    const store = new EventStore(storage);
    for (const workspace of ["b", "a-1", "default"]) {
      await append(store, appendRequest([{ stream: "s" }], { workspace }));
    }
    await storage.open(".restoring-c");
    await store.getStatus(create(GetStatusRequestSchema, { workspace: "none" }));
    expect((await store.listWorkspaces()).workspaces).toEqual(["a-1", "b", "default"]);
  });
});
