import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackupError } from "@varve/engine";
import { beforeEach, describe, expect, it } from "vitest";
import { openDataFolder } from "../data-folder.js";
import { StartupError } from "../startup-error.js";
import { BackupFileError } from "./file.js";
import { type RestoredWorkspace, type RestoreOptions, restoreBackups } from "./restore.js";
import { openBackupStream, openBackups } from "./sources.js";
import { BackedUpStore, namesIn, temporaryFolder } from "./test-support/store.js";

let store: BackedUpStore;
let folder: string;
let data: string;
let backups: string;

/** Backups of the workspace "default", positions 1 to 3 and 4 to 5, and of "other", 1 and 2. */
beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder, "data");
  backups = await temporaryFolder();
  store = new BackedUpStore();
  await store.append(3);
  await store.backUpTo(backups, 0, 3);
  await store.append(2);
  await store.backUpTo(backups, 3, 5);
  await store.append(2, "other");
  await store.backUpTo(backups, 0, 2, "other");
});

async function restore(
  options: Partial<RestoreOptions> = {},
  paths: readonly string[] = [backups],
): Promise<RestoredWorkspace[]> {
  return restoreBackups(await openBackups(paths), { dataFolder: data, ...options });
}

const workspaces = (): Promise<string[]> => namesIn(join(data, "workspaces"));

describe("a restore", () => {
  it("makes every workspace of the backups", async () => {
    expect(await restore()).toMatchObject([
      { workspace: "default", from: "default", head: 5, backups: 2 },
      { workspace: "other", from: "other", head: 2, backups: 1 },
    ]);
    expect(await namesIn(data)).toEqual(["catalog", "workspaces", "workspaces.txt"]);
    expect(await workspaces()).toEqual(["default", "other"]);
  });

  it("makes one of them, under another name", async () => {
    const [restored] = await restore({ workspace: "default", as: "copy", toPosition: 4 });
    expect(restored).toMatchObject({ workspace: "copy", from: "default", head: 4 });
    expect(await workspaces()).toEqual(["copy"]);
  });

  it("takes files in any order, and a stream among them", async () => {
    const [first = "", second = ""] = (await namesIn(backups)).map((name) => join(backups, name));
    await restore({}, [second, first]);
    const pieces = (async function* () {
      yield await readFile(second);
    })();
    const sources = [await openBackupStream("-", pieces), ...(await openBackups([first]))];
    const [restored] = await restoreBackups(sources, { dataFolder: data, as: "copy" });
    expect(restored).toMatchObject({ head: 5, backups: 2 });
  });

  it("reads no further backup than it needs", async () => {
    const [, second = ""] = await namesIn(backups);
    await writeFile(join(backups, second), (await readFile(join(backups, second))).subarray(0, -1));
    const options = { workspace: "default", toPosition: 3 };
    expect(await restore(options)).toMatchObject([{ head: 3, backups: 1 }]);
  });

  it("takes the place of what one that was cut off has left", async () => {
    const catalog = await openDataFolder(data);
    const left = await catalog.open(".restoring-other");
    await left.put(Buffer.from("left"), Buffer.from("over"));
    await left.close();
    await catalog.close();
    expect(await workspaces()).toEqual([".restoring-other"]);
    await restore();
    expect(await workspaces()).toEqual(["default", "other"]);
    const again = await openDataFolder(data);
    const db = await again.open("other");
    expect(await db.get(Buffer.from("left"))).toBeUndefined();
    await db.close();
    await again.close();
  });
});

describe("a restore that fails", () => {
  async function expectNothing(attempt: Promise<unknown>, error: object): Promise<void> {
    await expect(attempt).rejects.toMatchObject(error);
    expect(await namesIn(folder)).toEqual([]);
  }

  it("leaves nothing, not even of another workspace that is whole", async () => {
    const path = join(backups, (await namesIn(backups)).at(-1) as string);
    const bytes = await readFile(path);
    for (const at of [bytes.length - 1, bytes.length >> 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      await writeFile(path, changed);
      const message = expect.stringContaining(`${path}: the backup is damaged at byte`);
      await expectNothing(restore(), { fault: "BACKUP_DAMAGED", message });
    }
  });

  it("leaves a data folder that was there as it was", async () => {
    await restore({ workspace: "other" });
    await expect(restore({ workspace: "default", toPosition: 99 })).rejects.toThrow(BackupError);
    expect(await workspaces()).toEqual(["other"]);
    const message = `The workspace "other" exists already in ${data}.`;
    await expect(restore()).rejects.toMatchObject({ name: "BackupFileError", message });
    expect(await workspaces()).toEqual(["other"]);
  });

  it("is one into a data folder that is in use", async () => {
    const used = await openDataFolder(data);
    await expect(restore()).rejects.toThrow(StartupError);
    await used.close();
    await restore();
  });

  it("is one from nothing", async () => {
    const nothing = await temporaryFolder();
    for (const path of [nothing, join(nothing, "none")]) {
      await expect(restore({}, [path])).rejects.toThrow(BackupFileError);
    }
    await expectNothing(restore({ workspace: "none" }), { name: "BackupFileError" });
  });

  it("is one of several workspaces with what fits only one", async () => {
    for (const options of [{ as: "copy" }, { toPosition: 1 }]) {
      await expectNothing(restore(options), { name: "BackupFileError" });
    }
  });

  it("is one with a backup missing, or of another log", async () => {
    const [first = "", second = ""] = (await namesIn(backups)).map((name) => join(backups, name));
    await expectNothing(restore({}, [second]), { fault: "BACKUP_MISSING" });
    store = new BackedUpStore();
    await store.append(6);
    const { path } = await store.backUpTo(await temporaryFolder(), 3, 6);
    await expectNothing(restore({}, [first, path]), {
      fault: "OTHER_LOG",
      message: expect.stringContaining(path),
    });
  });

  it("is one that is aborted", async () => {
    const controller = new AbortController();
    const onProgress = (workspace: string): void => {
      if (workspace === "other") controller.abort(new Error("enough"));
    };
    await expectNothing(restore({ signal: controller.signal, onProgress }), { message: "enough" });
  });
});
