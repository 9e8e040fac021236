import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { backupName, newestBackup } from "./folder.js";
import { BackedUpStore, temporaryFolder } from "./test-support/store.js";

/** A folder with backups of positions 1 to 3, 4 and 5, and 6. */
async function series(): Promise<{ folder: string; paths: string[] }> {
  const folder = await temporaryFolder();
  const store = new BackedUpStore();
  const paths: string[] = [];
  for (const [after, head] of [
    [0, 3],
    [3, 5],
    [5, 6],
  ] as const) {
    await store.append(head - after);
    paths.push((await store.backUpTo(folder, after, head)).path);
  }
  return { folder, paths };
}

describe("a folder of backups", () => {
  it("has names that sort", () => {
    const names = [
      [0, 9],
      [9, 10],
      [10, 1000],
      [1000, 1001],
    ].map(([after = 0, head = 0]) => backupName("w", { after, head }));
    expect(names.toSorted()).toEqual(names);
    expect(names[0]).toBe("w.0000000000000000-0000000000000009.varve");
  });

  it("knows its newest backup of a workspace", async () => {
    const { folder } = await series();
    expect(await newestBackup(folder, "default")).toMatchObject({ after: 5, head: 6 });
    expect(await newestBackup(folder, "defaul")).toBeUndefined();
    expect(await newestBackup(folder, "other")).toBeUndefined();
  });

  it("does not mind other files", async () => {
    const { folder } = await series();
    await writeFile(join(folder, "default.varve.partial"), "");
    await writeFile(join(folder, "default.0000000000000006-0000000000000007.varve.txt"), "");
    expect(await newestBackup(folder, "default")).toMatchObject({ head: 6 });
  });

  it("is refused if the newest backup is not whole", async () => {
    const { folder, paths } = await series();
    const [, , newest = ""] = paths;
    await writeFile(newest, (await readFile(newest)).subarray(0, -1));
    await expect(newestBackup(folder, "default")).rejects.toMatchObject({
      fault: "BACKUP_DAMAGED",
      message: expect.stringContaining(`${newest}: the backup is damaged at byte`),
    });
  });

  it("is refused if a backup is missing", async () => {
    const { folder, paths } = await series();
    await rm(paths[1] ?? "");
    await expect(newestBackup(folder, "default")).rejects.toMatchObject({
      fault: "BACKUP_MISSING",
      message: `${folder}: the backup that follows on position 3 is missing: the next begins after position 5`,
    });
  });

  it("is refused if the newest backup has the name of another", async () => {
    const { folder, paths } = await series();
    const other = backupName("other", { after: 0, head: 3 });
    await rename(paths[0] ?? "", join(folder, other));
    await expect(newestBackup(folder, "other")).rejects.toThrow(
      `${other}: the backup is not the one that its name says`,
    );
  });
});
