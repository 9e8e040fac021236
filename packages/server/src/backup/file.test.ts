import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackupCheck, BackupError } from "@varve/engine";
import { describe, expect, it } from "vitest";
import { BackupFileError, readBackupFile, writeBackupFile } from "./file.js";
import { BackedUpStore, namesIn, temporaryFolder } from "./test-support/store.js";

async function storeOf(count: number): Promise<BackedUpStore> {
  const store = new BackedUpStore();
  await store.append(count);
  return store;
}

describe("a backup file", () => {
  it("is written whole, and read", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "b");
    const store = await storeOf(3);
    const progress: number[] = [];
    const onProgress = (position: number): number => progress.push(position);
    const written = await writeBackupFile(path, store.frames(), { onProgress });
    expect(written).toMatchObject({ workspace: "default", after: 0, head: 3, events: 3 });
    expect((await readFile(path)).length).toBe(written.bytes);
    expect(await namesIn(folder)).toEqual(["b"]);
    expect(progress.at(-1)).toBe(3);
    const check = new BackupCheck();
    for await (const _ of readBackupFile(path, check));
    expect({ ...check.summary, bytes: written.bytes }).toEqual(written);
  });

  it("does not replace another one, unless it is to", async () => {
    const path = join(await temporaryFolder(), "b");
    const store = await storeOf(3);
    await writeFile(path, "something");
    await expect(writeBackupFile(path, store.frames())).rejects.toThrow(BackupFileError);
    expect(await readFile(path, "utf8")).toBe("something");
    await writeBackupFile(path, store.frames(), { overwrite: true });
    for await (const _ of readBackupFile(path));
  });

  it("does not replace one that came while it was written", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "b");
    const store = await storeOf(3);
    const onProgress = (): Promise<void> => writeFile(path, "something");
    const writing = writeBackupFile(path, store.frames(), { onProgress });
    await expect(writing).rejects.toThrow(`The file ${path} exists already.`);
    expect(await namesIn(folder)).toEqual(["b"]);
  });

  it("leaves nothing if its frames are not a whole backup, or fail", async () => {
    const folder = await temporaryFolder();
    const store = await storeOf(3);
    const cutOff = async function* (): AsyncGenerator<Buffer> {
      const frames = store.frames();
      for (let i = 0; i < 2; i++) yield (await frames.next()).value as Buffer;
    };
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield* cutOff();
      throw new Error("connection lost");
    };
    await expect(writeBackupFile(join(folder, "b"), cutOff())).rejects.toThrow(BackupError);
    await expect(writeBackupFile(join(folder, "b"), failing())).rejects.toThrow("connection lost");
    expect(await namesIn(folder)).toEqual([]);
  });

  it("takes the place of what one that was cut off has left", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "b.partial"), "cut off");
    const store = await storeOf(3);
    await writeBackupFile(join(folder, "b"), store.frames());
    expect(await namesIn(folder)).toEqual(["b"]);
    for await (const _ of readBackupFile(join(folder, "b")));
  });

  it("gives up if another backup has taken its place, and leaves that alone", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "b");
    const store = await storeOf(3);
    let isTaken = false;
    const frames = async function* (): AsyncGenerator<Buffer> {
      for await (const frame of store.frames()) {
        yield frame;
        if (isTaken) continue;
        isTaken = true;
        await writeFile(join(folder, "other"), "other");
        await rename(join(folder, "other"), `${path}.partial`);
      }
    };
    await expect(writeBackupFile(path, frames())).rejects.toThrow(/Another backup has taken/);
    expect(await namesIn(folder)).toEqual(["b.partial"]);
    expect(await readFile(`${path}.partial`, "utf8")).toBe("other");
  });

  it("cannot be in a folder that does not exist", async () => {
    const path = join(await temporaryFolder(), "none", "b");
    const store = await storeOf(1);
    await expect(writeBackupFile(path, store.frames())).rejects.toThrow(BackupFileError);
  });
});
