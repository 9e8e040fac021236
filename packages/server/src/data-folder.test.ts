import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

/**
 * Opens a database again and again, each time with one handle more, and prints what it
 * finds there, or whether it is told that handles are lacking.
 */
const program = `
  import { closeSync, openSync } from "node:fs";
  import { isLackOfHandles } from "@varve/engine";
  import { openDataFolder } from "${new URL("../dist/data-folder.js", import.meta.url)}";

  const folder = await openDataFolder(process.argv[1]);
  const key = Buffer.from("key");
  const db = await folder.open("default", true);
  await db.put(key, Buffer.from("value"), { sync: true });
  await db.close();
  const held = [];
  try {
    for (;;) held.push(openSync("/dev/null", "r"));
  } catch {}
  const found = [];
  for (let left = 0; left < 30; left++) {
    try {
      const db = await folder.open("default", false);
      found.push(String(await db.get(key)));
      await db.close();
    } catch (error) {
      found.push(isLackOfHandles(error) ? "handles are lacking" : error.message);
    }
    closeSync(held.pop());
  }
  console.log(JSON.stringify(found));`;

// LevelDB goes on without a log that it cannot open, as if it were empty, and deletes it.
it.skipIf(process.platform === "win32")(
  "a database is opened whole or not at all, however few handles are left",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "varve-handles-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const node = [process.execPath, "--input-type=module", "-e", program, join(folder, "data")];
    const args = ["-c", `ulimit -n 100 && exec "$0" "$@"`, ...node];
    const { stdout } = await promisify(execFile)("/bin/sh", args, { cwd: import.meta.dirname });
    const found: string[] = JSON.parse(stdout);
    const enough = found.indexOf("value");
    expect(enough).toBeGreaterThanOrEqual(16);
    expect(new Set(found.slice(0, enough))).toEqual(new Set(["handles are lacking"]));
    expect(new Set(found.slice(enough))).toEqual(new Set(["value"]));
  },
);
