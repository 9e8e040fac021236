import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const NAME = /^(?:run|unfinished)-(\d+)/;

/**
 * A folder for the files of this run, beside the databases, so that they can share
 * theirs. What runs that were ended by force have left is removed.
 */
export function createRunFolder(cache: string): string {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) rmSync(join(cache, name), { recursive: true });
  }
  const folder = join(cache, `run-${process.pid}`);
  mkdirSync(folder);
  return folder;
}

/** Servers that are being ended may still write to it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
