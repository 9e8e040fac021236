import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { Disk, type DiskFaults } from "./disk.ts";
import type { DiskModel } from "./reconstruct.ts";

const strict: DiskModel = { names: "strict", tails: "cut" };

let parent: string;
let disk: Disk;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "varve-shim-test-"));
  disk = await Disk.create(join(parent, "first"));
});
afterEach(() => rm(parent, { recursive: true }));

interface Ending {
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the folder of data; `fs` is the module. */
function run(program: string, faults: DiskFaults = {}): Ending {
  const script = `import * as fs from "node:fs"; process.chdir(process.env.VARVE_POWER_ROOT); ${program}`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...disk.environment(faults) },
    encoding: "utf8",
  });
}

/** What can be found afterwards, over many choices: `name=content …` for each. */
async function remains(): Promise<string[]> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const place = await mkdtemp(join(parent, "after-"));
    const after = await disk.afterPowerLoss(join(place, "disk"), strict, new Random(seed));
    const { folder } = after.disk;
    const files = (await readdir(folder)).sort();
    const contents = files.map(async (f) => `${f}=${await readFile(join(folder, f), "utf8")}`);
    seen.add((await Promise.all(contents)).join(" "));
  }
  return [...seen].sort();
}

const twoParts = `
  const file = fs.openSync("a", "a");
  fs.writeSync(file, "abc");
  if (SYNC) fs.fdatasyncSync(file);
  fs.writeSync(file, "d");
  process.kill(process.pid, "SIGKILL");`;

const onLinux = describe.skipIf(process.platform !== "linux");

onLinux("a program that loses power", () => {
  it("has lost what it did not sync", async () => {
    expect(run(twoParts.replace("SYNC", "false")).signal).toBe("SIGKILL");
    expect(await remains()).toEqual(["", "a=", "a=a", "a=ab", "a=abc", "a=abcd"]);
  });

  it("has what it synced", async () => {
    run(twoParts.replace("SYNC", "true"));
    expect(await remains()).toEqual(["a=abc", "a=abcd"]);
  });

  it("has what was there before it began", async () => {
    run(`fs.writeFileSync("a", "abc");`);
    const after = await disk.afterPowerLoss(join(parent, "second"), strict, new Random(1));
    disk = after.disk;
    run(`fs.appendFileSync("a", "");`);
    expect(await remains()).toHaveLength(1);
  });

  it("has the old file or the new one after a rename without a sync of the folder", async () => {
    const replace = `
      for (const content of ["old", "new"]) {
        fs.writeFileSync("tmp", content, { flush: true });
        fs.renameSync("tmp", "a");
        if (content === "old") fs.fsyncSync(fs.openSync("."));
      }`;
    run(replace);
    expect(await remains()).toEqual(["a=new", "a=old tmp=new"]);
  });

  it("can find again what it has removed", async () => {
    run(`
      fs.writeFileSync("a", "abc", { flush: true });
      fs.rmSync("a");
      fs.mkdirSync("b");
      fs.rmSync("b", { recursive: true });
      fs.fsyncSync(fs.openSync("."));
      fs.writeFileSync("c", "abc", { flush: true });
      fs.rmSync("c");`);
    const lines = (await disk.journal()).map((line) => line.case);
    const first = ["syncdir", "create", "sync", "unlink", "mkdir", "rmdir", "syncdir"];
    expect(lines).toEqual([...first, "create", "sync", "unlink"]);
    expect(await remains()).toEqual(["", "c=abc"]);
  });

  it("can find a file that it has begun anew as it was before", async () => {
    run(`
      fs.writeFileSync("a", "abc", { flush: true });
      fs.writeFileSync("a", "xyz");
      fs.ftruncateSync(fs.openSync("a", "a+"), 1);`);
    expect(await remains()).toEqual(["a=", "a=abc", "a=x", "a=xy", "a=xyz"]);
  });

  it("cannot be followed if it writes elsewhere than at the end of a file", async () => {
    run(`
      fs.writeFileSync("a", "abc");
      fs.writeSync(fs.openSync("a", "r+"), "x", 1);`);
    await expect(disk.journal()).rejects.toThrow("cannot be emulated after this: strange\topen\ta");
  });
});

const threeSyncs = `
  const file = fs.openSync("a.log", "a");
  fs.fsyncSync(fs.openSync("."));
  for (let i = 0; i < 3; i++) {
    fs.writeSync(file, String(i));
    try { fs.fdatasyncSync(file); console.log(i); } catch (error) { console.log(error.code); }
  }`;

onLinux("a fault that the shim injects", () => {
  it("kills the process before an operation, or after it", async () => {
    const before = run(threeSyncs, { kill: { when: "before", operation: 3 } });
    expect([before.signal, before.stdout]).toEqual(["SIGKILL", ""]);
    expect(await remains()).toContain("a.log=");
    await disk.remove();
    disk = await Disk.create(join(parent, "second"));
    const after = run(threeSyncs, { kill: { when: "after", operation: 3 } });
    expect([after.signal, after.stdout]).toEqual(["SIGKILL", ""]);
    expect(await remains()).toEqual(["a.log=0"]);
  });

  it("counts only the operations on files of a name", () => {
    const { stdout } = run(threeSyncs, { kill: { when: "after", operation: 4, name: ".log" } });
    expect(stdout).toBe("0\n1\n");
  });

  it("lets one sync fail, or all from one on", async () => {
    const fail = { call: "sync", number: 2, name: ".log" } as const;
    expect(run(threeSyncs, { fail: { ...fail, often: "once" } }).stdout).toBe("0\nEIO\n2\n");
    const failures = (await disk.journal()).filter((line) => line.case === "fail");
    expect(failures).toMatchObject([{ path: "a.log" }]);
    await disk.remove();
    disk = await Disk.create(join(parent, "second"));
    expect(run(threeSyncs, { fail: { ...fail, often: "on" } }).stdout).toBe("0\nEIO\nEIO\n");
    const contents = await remains();
    expect(contents).toContain("a.log=0");
    expect(contents).toContain("a.log=012");
  });
});
