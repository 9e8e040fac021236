import { mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WorkspaceList, workspaceListPath } from "./workspace-list.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "varve-list-"));
  onTestFinished(() => rm(folder, { recursive: true }));
});

async function stored(): Promise<readonly string[]> {
  return (await WorkspaceList.read(folder)).names;
}

describe("the list of workspaces", () => {
  it("has what was added, each time it is read", async () => {
    const list = await WorkspaceList.read(folder);
    expect(list.names).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    await Promise.all(["b", "a", "b", "c"].map((name) => list.add([name])));
    expect(await stored()).toEqual(["a", "b", "c"]);
    await list.remove("b");
    expect(list.has("b")).toBe(false);
    expect(await stored()).toEqual(["a", "c"]);
    expect(await readdir(folder)).toEqual(["workspaces.txt"]);
  });

  it("may be edited by hand", async () => {
    await writeFile(workspaceListPath(folder), "# mine\r\n\n  a \r\nb");
    expect(await stored()).toEqual(["a", "b"]);
  });

  it("has nothing whose addition failed, until it is added again", async () => {
    const list = await WorkspaceList.read(folder);
    await mkdir(`${workspaceListPath(folder)}.new`);
    const additions = await Promise.allSettled([list.add(["a"]), list.add(["b"])]);
    expect(additions.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([list.has("a"), list.has("b")]).toEqual([false, false]);
    await rmdir(`${workspaceListPath(folder)}.new`);
    await list.add(["b"]);
    expect(await stored()).toContain("b");
  });
});
