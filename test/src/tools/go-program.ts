import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const cache = fileURLToPath(new URL("../../../node_modules/.cache/varve-tools", import.meta.url));

/** A program of the Go module proxy, built into `node_modules`; where it is. Needs Go. */
export async function goProgram(name: string, module: string, version: string): Promise<string> {
  const folder = join(cache, `${name}-${version}`);
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder };
  try {
    // Does nothing but look if it is there already.
    await promisify(execFile)("go", ["install", `${module}@v${version}`], { env });
  } catch (cause) {
    throw new Error(`cannot build ${name} with Go (https://go.dev/dl)`, { cause });
  }
  return join(folder, name);
}
