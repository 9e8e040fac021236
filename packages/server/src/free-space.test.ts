import { mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ErrorReason } from "@varve/proto";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { FreeSpaceReserve } from "./free-space.js";

const GIB = 1024 ** 3;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "varve-free-space-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** With so much free beyond it, bytes. */
async function reserveWith(spareBytes: number, folder: string): Promise<FreeSpaceReserve> {
  const { bavail, bsize } = await statfs(folder);
  const reserve = new FreeSpaceReserve({
    folder,
    reserveBytes: bavail * bsize - spareBytes,
    logger: pino({ level: "silent" }),
  });
  await reserve.start();
  onTestFinished(() => reserve.stop());
  return reserve;
}

function lackOfSpace(): Error {
  const cause = new Error("IO error: /data/000005.log: No space left on device");
  return new Error("Database failed to open", { cause });
}

describe("a reserve of free space", () => {
  // It was looked at once a second, and fast appends overran it in between.
  it("counts what has been taken in since the disk was looked at", async () => {
    const reserve = await reserveWith(6 * GIB, await temporaryFolder());
    expect(reserve.refusal(0)).toBeUndefined();
    reserve.pending(2 * GIB);
    expect(reserve.refusal(0)).toMatchObject({ reason: ErrorReason.STORAGE_FULL });
    reserve.pending(-2 * GIB);
  });

  it("forgets what was counted when the disk has been looked at, which it soon is", async () => {
    const reserve = await reserveWith(6 * GIB, await temporaryFolder());
    reserve.pending(2 * GIB);
    reserve.pending(-2 * GIB);
    expect(reserve.refusal(0)).toBeDefined();
    await expect.poll(() => reserve.refusal(0)).toBeUndefined();
  });

  it("refuses a write that would be too much, and none that is not", async () => {
    const reserve = await reserveWith(6 * GIB, await temporaryFolder());
    expect(reserve.refusal(2 * GIB)).toBeDefined();
    expect(reserve.refusal(GIB / 8)).toBeUndefined();
  });

  it("names the folder, and says how much is free", async () => {
    const folder = await temporaryFolder();
    const reserve = await reserveWith(-GIB, folder);
    const refusal = reserve.refusal(0);
    expect(refusal?.message).toMatch(/[\d.]+ MiB free, of which [\d.]+ MiB are kept.*refused/);
    expect(refusal?.message).toContain(folder);
    expect(Number(refusal?.metadata.freeBytes)).toBeGreaterThan(0);
  });
});

describe("a database on a disk that is full", () => {
  it("is opened at the cost of what is kept for that", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "ballast"), "space");
    const reserve = await reserveWith(GIB, folder);
    let attempts = 0;
    const open = async (): Promise<string> => {
      if (++attempts === 1) throw lackOfSpace();
      return "open";
    };
    expect(await reserve.whileOpening(open)).toBe("open");
    expect(attempts).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that does not open even so fails with a sentence that names folder and bytes", async () => {
    const folder = await temporaryFolder();
    const reserve = await reserveWith(GIB, folder);
    const opening = reserve.whileOpening(() => Promise.reject(lackOfSpace()));
    await expect(opening).rejects.toMatchObject({
      reason: ErrorReason.STORAGE_FULL,
      message: expect.stringMatching(/MiB free.*cannot be opened until .* more free space in \//),
      metadata: { freeBytes: expect.stringMatching(/^\d+$/) },
    });
    await expect(opening).rejects.toThrow(folder);
  });

  it("is opened as well if the space was given up for another at the same time", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "ballast"), "space");
    const reserve = await reserveWith(GIB, folder);
    const opened = ["a", "b", "c"].map((name) => {
      let isFirst = true;
      return reserve.whileOpening(async () => {
        if (!isFirst) return name;
        isFirst = false;
        throw lackOfSpace();
      });
    });
    expect(await Promise.all(opened)).toEqual(["a", "b", "c"]);
  });

  // The second one did not wait for the look of the first, and told of "Infinity MiB".
  it("that does not open fails with what is free, also beside another that does not", async () => {
    const folder = await temporaryFolder();
    const logger = pino({ level: "silent" });
    const reserve = new FreeSpaceReserve({ folder, reserveBytes: 0, logger });
    const openings = ["a", "b"].map(() =>
      reserve.whileOpening(() => Promise.reject(lackOfSpace())),
    );
    for (const opening of await Promise.allSettled(openings)) {
      expect(opening).toMatchObject({
        reason: { metadata: { freeBytes: expect.stringMatching(/^\d+$/) } },
      });
    }
  });

  it("refuses no write afterwards if nothing is to stay free", async () => {
    const folder = await temporaryFolder();
    const logger = pino({ level: "silent" });
    const reserve = new FreeSpaceReserve({ folder, reserveBytes: 0, logger });
    await reserve.start();
    const opening = reserve.whileOpening(() => Promise.reject(lackOfSpace()));
    await expect(opening).rejects.toMatchObject({ reason: ErrorReason.STORAGE_FULL });
    reserve.pending(2 ** 50);
    expect(reserve.refusal(2 ** 50)).toBeUndefined();
  });

  it("fails as it does if it lacks something else", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "ballast"), "space");
    const reserve = await reserveWith(GIB, folder);
    const error = new Error("another process is using it");
    await expect(reserve.whileOpening(() => Promise.reject(error))).rejects.toBe(error);
    expect(await readdir(folder)).toEqual(["ballast"]);
  });
});
