import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openDataFolder } from "../../../packages/server/dist/data-folder.js";
import { Random } from "../random.ts";
import { Disk } from "./disk.ts";
import type { DiskModel } from "./reconstruct.ts";

const CHOICES = 3;
const module = new URL("../../../packages/server/dist/data-folder.js", import.meta.url);
const program = `
  const { openDataFolder } = await import("${module}");
  const folder = await openDataFolder(process.env.VARVE_POWER_ROOT);
  await folder.open("default");`;

// A database whose creation was cut off by a loss of power could never be opened again:
// LevelDB had made CURRENT name a manifest that it had not synced.
it.skipIf(process.platform !== "linux")(
  "a new data folder can be opened after a loss of power at any moment",
  async () => {
    const parent = await mkdtemp(join(tmpdir(), "varve-new-data-folder-"));
    const disk = await Disk.create(join(parent, "first"));
    const args = ["--input-type=module", "-e", program];
    const env = { ...process.env, ...disk.environment() };
    expect(spawnSync(process.execPath, args, { env, encoding: "utf8" }).stderr).toBe("");
    const { length } = await disk.journal();
    expect(length).toBeGreaterThan(10);
    for (let lines = 0; lines <= length; lines++) {
      for (let seed = 0; seed < CHOICES; seed++) {
        const model: DiskModel = { names: seed % 2 ? "strict" : "journalled", tails: "zeros" };
        const place = join(parent, `${lines}-${seed}`);
        const after = await disk.afterPowerLoss(place, model, new Random(seed), lines);
        const folder = await openDataFolder(after.disk.folder);
        // The list of workspaces never has one whose database is not safe.
        expect(folder.found.missing).toEqual([]);
        if (lines === length) expect(folder.has("default")).toBe(true);
        const database = await folder.open("default");
        await database.close();
        await folder.close();
      }
    }
    await rm(parent, { recursive: true });
  },
);
