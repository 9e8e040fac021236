import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Ballast } from "./ballast.js";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "varve-ballast-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("a ballast", () => {
  it("takes space until it is given up", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "ballast");
    const ballast = new Ballast(path);
    expect(await ballast.take(2_500_000)).toBe(true);
    expect((await stat(path)).size).toBe(2_500_000);
    expect((await stat(path)).blocks * 512).toBeGreaterThan(2_000_000);
    expect(await ballast.giveUp()).toBe(true);
    expect(await readdir(folder)).toEqual([]);
    expect(await ballast.giveUp()).toBe(false);
  });

  it("is found again after a restart", async () => {
    const path = join(await temporaryFolder(), "ballast");
    await new Ballast(path).take(1000);
    const found = new Ballast(path);
    expect(found.isThere).toBe(false);
    await found.find();
    expect(found.isThere).toBe(true);
    expect(await found.giveUp()).toBe(true);
  });

  it("that cannot be taken leaves nothing", async () => {
    const folder = await temporaryFolder();
    const ballast = new Ballast(join(folder, "missing", "ballast"));
    expect(await ballast.take(1000)).toBe(false);
    expect(ballast.isThere).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });
});
