import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

let compiled: string | undefined;

/** The path of the compiled shim, which is there until this process ends. */
export function shim(): string {
  compiled ??= compile();
  return compiled;
}

function compile(): string {
  if (process.platform !== "linux") throw new Error("the loss of power is emulated on Linux only");
  const folder = mkdtempSync(join(tmpdir(), "varve-shim-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const target = join(folder, "shim.so");
  const sources = ["shim.c", "journal.c"].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  const args = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", target, ...sources];
  const result = spawnSync("cc", [...args, "-ldl", "-lpthread"], { encoding: "utf8" });
  if (result.error) {
    throw new Error("a C compiler is needed: no `cc` can be run (Debian: apt install gcc)", {
      cause: result.error,
    });
  }
  if (result.status !== 0) throw new Error(`the shim does not compile: ${result.stderr}`);
  return target;
}
