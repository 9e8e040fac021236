import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const engine = fileURLToPath(new URL("../../../packages/engine/dist", import.meta.url));
const own = fileURLToPath(new URL(".", import.meta.url));
const program = join(own, "fill-program.ts");

/**
 * A data folder with so many events, for `cloneDatabase`. It is kept, and made anew
 * when the engine, or what is filled in, has changed: then it would write other bytes.
 */
export function cachedDatabase(cache: string, events: number, onFill: () => void): string {
  const folder = join(cache, `${events}-${fingerprint()}`);
  if (existsSync(folder)) return folder;
  onFill();
  mkdirSync(cache, { recursive: true });
  for (const old of readdirSync(cache)) {
    if (old.startsWith(`${events}-`)) rmSync(join(cache, old), { recursive: true });
  }
  const unfinished = join(cache, `unfinished-${process.pid}-${events}`);
  const args = [program, unfinished, String(events)];
  const { status, signal } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error(`filling a database of ${events} events ended with ${signal ?? status}`);
  }
  renameSync(unfinished, folder);
  return folder;
}

function fingerprint(): string {
  const hash = createHash("sha256");
  const sources = [`${engine}/**/*.js`, `${own}*.ts`, `${own}../load/*.ts`];
  const files = sources.flatMap((pattern) => globSync(pattern)).sort();
  for (const file of files) {
    if (!file.includes(".test.")) hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}
