import { type ChildProcess, fork } from "node:child_process";
import { on, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { VerifyReport } from "@varve/engine";
import { unreadable } from "./entries.js";

/**
 * As `verifyEntries`, for a database whose tables are damaged: LevelDB relies on what
 * it reads, and ends its process at some kinds of damage, which is then told. Throws
 * the signal's reason.
 */
export async function* verifyEntriesApart(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<VerifyReport> {
  const folder = await mkdtemp(join(tmpdir(), "varve-verify-"));
  const child = start(path, folder);
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    const messages = on(child, "message", { close: ["disconnect"], ...(signal && { signal }) });
    for await (const [report] of messages) yield report as VerifyReport;
    const [status, by] = await ended;
    if (status !== 0) {
      yield unreadable(`LevelDB does not survive reading the database: ${by ?? status}`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** What it leaves behind is in `folder`. */
function start(path: string, folder: string): ChildProcess {
  const program = fileURLToPath(new URL("entries-process.js", import.meta.url));
  const env = { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder };
  const stdio: ["ignore", "ignore", "ignore", "ipc"] = ["ignore", "ignore", "ignore", "ipc"];
  return fork(program, [path], { env, stdio, execArgv: [], serialization: "advanced" });
}
