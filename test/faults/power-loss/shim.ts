import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sources = ["journal.h", "journal.c", "shim.c"].map(pathOf);
const cache = pathOf("../../../node_modules/.cache/varve-power-loss");

/** The path of the compiled shim. It is compiled when its sources have changed. */
export function shim(): string {
  if (process.platform !== "linux") throw new Error("the loss of power is emulated on Linux only");
  const hash = createHash("sha256").update(process.arch);
  for (const source of sources) hash.update(readFileSync(source));
  const target = join(cache, `shim-${hash.digest("hex").slice(0, 16)}.so`);
  if (!existsSync(target)) compile(target);
  return target;
}

function compile(target: string): void {
  mkdirSync(cache, { recursive: true });
  // Several processes may be at it.
  const unfinished = `${target}.${process.pid}`;
  const args = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", unfinished];
  const files = sources.filter((source) => source.endsWith(".c"));
  const result = spawnSync("cc", [...args, ...files, "-ldl", "-lpthread"], { encoding: "utf8" });
  if (result.error) {
    throw new Error("a C compiler is needed: no `cc` can be run (Debian: apt install gcc)", {
      cause: result.error,
    });
  }
  if (result.status !== 0) throw new Error(`the shim does not compile: ${result.stderr}`);
  renameSync(unfinished, target);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
