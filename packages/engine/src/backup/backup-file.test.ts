import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type BackupResponse, BackupResponseSchema } from "@varve/proto";
import { beforeAll, describe, expect, it } from "vitest";
import { all, backUp, framesOf, inPieces, restore } from "../test-support/backups.js";
import { emptyLog } from "../test-support/small-log.js";
import { BackupCheck } from "./backup-check.js";
import { BackupError } from "./backup-error.js";
import { decodeBackup, encodeBackup } from "./backup-file.js";
import { PREAMBLE_BYTES, RECORD_HEADER_BYTES } from "./constants.js";

let frames: Buffer[];
let bytes: Buffer;
/** Where each record begins, and at last where the backup ends. */
let offsets: number[];

beforeAll(async () => {
  const { store, append } = await emptyLog();
  await append({ stream: "a" });
  await append({ stream: "a" }, { stream: "b" });
  frames = await framesOf(store);
  bytes = await backUp(store);
  offsets = [PREAMBLE_BYTES];
  for (const { length } of frames) {
    offsets.push((offsets.at(-1) as number) + RECORD_HEADER_BYTES + length);
  }
});

/** Why restoring a backup fails. */
async function refusalOf(backup: Buffer): Promise<BackupError> {
  const error = await restore([backup]).then(
    () => new Error("it was restored"),
    (cause: unknown) => cause,
  );
  if (!(error instanceof BackupError)) throw error;
  return error;
}

/** Where the record begins that holds a byte; 0 before the first. */
function recordAt(byte: number): number {
  return offsets.findLast((offset) => offset <= byte) ?? 0;
}

/** A backup of other frames, as `encodeBackup` would write it if it did not check them. */
async function unchecked(changed: readonly Uint8Array[]): Promise<Buffer> {
  const check = new BackupCheck();
  Object.assign(check, { take: () => ({ kind: "end" }), ended: () => {} });
  const source = (async function* () {
    yield* changed;
  })();
  return Buffer.concat(await all(encodeBackup(source, check)));
}

type Kind = BackupResponse["frame"]["case"];

/** The frame of a kind, and what changes in it. */
function changed(kind: Kind, change: (value: never) => object): Uint8Array[] {
  return frames.map((frame) => {
    const message = fromBinary(BackupResponseSchema, frame);
    if (message.frame.case !== kind) return frame;
    Object.assign(message.frame.value as object, change(message.frame.value as never));
    return toBinary(BackupResponseSchema, message);
  });
}

describe("a backup as bytes", () => {
  it("comes back whole, in whatever pieces it is read", async () => {
    for (const size of [1, 7, 100, bytes.length]) {
      const decoded = await all(decodeBackup(inPieces(bytes, size)));
      expect(decoded.map(({ kind }) => kind)).toEqual(["header", "blocks", "append-ids", "end"]);
    }
    expect(await restore([bytes])).toMatchObject({ head: 3, appendIds: 2 });
  });

  it("tells what it holds", async () => {
    const check = new BackupCheck();
    expect(check.position).toBeUndefined();
    for await (const _ of decodeBackup(inPieces(bytes), check));
    const holds = { workspace: "default", after: 0, head: 3, blocks: 2, events: 3, appendIds: 2 };
    expect(check.summary).toMatchObject(holds);
  });

  it("is refused with every single flipped bit, and the record is named", async () => {
    for (let i = 0; i < bytes.length * 8; i++) {
      const flipped = Buffer.from(bytes);
      flipped[i >> 3] = (flipped[i >> 3] as number) ^ (1 << (i & 7));
      const { fault, place } = await refusalOf(flipped);
      expect([i, fault, place.offset]).toEqual([i, "BACKUP_DAMAGED", recordAt(i >> 3)]);
    }
  });

  it("is refused wherever it is cut off, and the record is named", async () => {
    for (let length = 0; length < bytes.length; length++) {
      const { fault, place } = await refusalOf(bytes.subarray(0, length));
      const at = length < PREAMBLE_BYTES ? 0 : recordAt(length);
      expect([length, fault, place.offset]).toEqual([length, "BACKUP_DAMAGED", at]);
    }
  });

  it("is refused with anything behind its end", async () => {
    for (const more of [Buffer.of(0), Buffer.alloc(100), bytes, bytes.subarray(offsets.at(-2))]) {
      const { place } = await refusalOf(Buffer.concat([bytes, more]));
      expect(place.offset).toBe(bytes.length);
    }
  });

  it("is refused with records left out, doubled, or in another order", async () => {
    const records = offsets.slice(0, -1).map((offset, i) => bytes.subarray(offset, offsets[i + 1]));
    const orders = [
      [1, 2, 3],
      [0, 2, 3],
      [0, 1, 3],
      [0, 0, 1, 2, 3],
      [0, 1, 1, 2, 3],
      [0, 2, 1, 3],
      [3, 2, 1, 0],
    ];
    for (const order of orders) {
      const kept = order.map((i) => records[i] as Buffer);
      const firstWrong = order.findIndex((record, i) => record !== i);
      const { place } = await refusalOf(
        Buffer.concat([bytes.subarray(0, PREAMBLE_BYTES), ...kept]),
      );
      expect(place.offset).toBe(offsets[firstWrong]);
    }
  });

  it("names the last position that is whole", async () => {
    const cut = bytes.subarray(0, -1);
    expect((await refusalOf(cut)).message).toBe(
      `the backup is damaged at byte ${offsets.at(-2)}, after position 3: ` +
        `the frame has 44 bytes, and the backup ends after 43 of them`,
    );
  });

  it("of a newer format is refused as such", async () => {
    const newer = changed("header", () => ({ dataFormat: 2 }));
    expect(await refusalOf(await unchecked(newer))).toMatchObject({ fault: "BACKUP_TOO_NEW" });
  });
});

describe("the frames of a backup", () => {
  const wrong: [string, () => Uint8Array[]][] = [
    ["no header", () => frames.slice(1)],
    ["two headers", () => [frames[0] as Buffer, ...frames]],
    ["no blocks", () => frames.toSpliced(1, 1)],
    ["blocks twice", () => frames.toSpliced(1, 0, frames[1] as Buffer)],
    ["append ids before the blocks", () => [0, 2, 1, 3].map((i) => frames[i] as Buffer)],
    ["blocks after append ids", () => [0, 1, 2, 1, 3].map((i) => frames[i] as Buffer)],
    ["append ids twice", () => [0, 1, 2, 2, 3].map((i) => frames[i] as Buffer)],
    ["no end", () => frames.slice(0, -1)],
    ["two ends", () => [...frames, frames.at(-1) as Buffer]],
    ["an empty frame", () => frames.toSpliced(2, 0, Buffer.alloc(0))],
    ["a frame that is no message", () => frames.toSpliced(2, 0, Buffer.of(0xff))],
    [
      "blocks in another order",
      () =>
        changed("blocks", ({ blocks }: { blocks: object[] }) => ({ blocks: blocks.toReversed() })),
    ],
    [
      "a block left out",
      () => changed("blocks", ({ blocks }: { blocks: object[] }) => ({ blocks: blocks.slice(1) })),
    ],
    [
      "a block that is cut off",
      () =>
        changed("blocks", ({ blocks }: { blocks: Buffer[] }) => ({
          blocks: blocks.map((b) => b.subarray(0, 40)),
        })),
    ],
    ["a name that is no workspace's", () => changed("header", () => ({ workspace: "../other" }))],
    ["another head", () => changed("header", () => ({ head: 2n }))],
    ["a head that is no number", () => changed("header", () => ({ head: 2n ** 60n }))],
    [
      "another chain value at the head",
      () => changed("header", () => ({ headChain: Buffer.alloc(32) })),
    ],
    [
      "another chain value before",
      () => changed("header", () => ({ afterChain: Buffer.alloc(32, 1) })),
    ],
    [
      "a chain value that is too short",
      () => changed("header", () => ({ afterChain: Buffer.alloc(31) })),
    ],
    ["no time", () => changed("header", () => ({ time: undefined }))],
    [
      "append ids beyond the head",
      () =>
        changed("appendIds", ({ groups }: { groups: object[] }) => ({
          groups: groups.map((g) => ({ ...g, lastPosition: 4n })),
        })),
    ],
    [
      "append ids that are too short",
      () =>
        changed("appendIds", ({ groups }: { groups: { ids: object[] }[] }) => ({
          groups: groups.map((g) => ({
            ...g,
            ids: g.ids.map((id) => ({ ...id, id: Buffer.alloc(15) })),
          })),
        })),
    ],
    ["an end with other counts", () => changed("end", () => ({ appendIds: 1n }))],
    ["an end with another chain value", () => changed("end", () => ({ chain: Buffer.alloc(32) }))],
  ];

  it.each(wrong)("with %s are neither written nor restored", async (_, make) => {
    const made = make();
    const source = (async function* () {
      yield* made;
    })();
    await expect(all(encodeBackup(source))).rejects.toThrow(BackupError);
    expect(await refusalOf(await unchecked(made))).toMatchObject({ fault: "BACKUP_DAMAGED" });
  });
});
