import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** From now on no file of a process can grow beyond this; a write that would fails (EFBIG). */
export async function limitFileSize(pid: number, bytes: number): Promise<void> {
  await setLimit(pid, `${bytes}`);
}

export async function unlimitFileSize(pid: number): Promise<void> {
  await setLimit(pid, "unlimited");
}

/** The soft limit alone, which may be raised again by anyone. */
async function setLimit(pid: number, soft: string): Promise<void> {
  await run("prlimit", ["--pid", `${pid}`, `--fsize=${soft}:`]);
}
