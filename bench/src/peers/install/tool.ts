import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

/** Something that a peer needs cannot be had here. The message is a sentence for the user. */
export class InstallError extends Error {
  override readonly name = "InstallError";
}

/** Lines of a failed program's output that are shown. */
const LINES_MAX = 30;

/**
 * Runs a program to its end and resolves with its output. Throws `InstallError` if it is
 * not there or fails; `why` says what it is needed for, as in `to build UmaDB`.
 */
export async function runTool(
  command: readonly string[],
  why: string,
  options: SpawnOptions = {},
): Promise<string> {
  const [file, ...args] = command as [string, ...string[]];
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  child.stdout?.on("data", (data: Buffer) => output.push(String(data)));
  child.stderr?.on("data", (data: Buffer) => output.push(String(data)));
  const [status] = await (once(child, "close") as Promise<[number | null]>).catch((error) => {
    if (error.code === "ENOENT") throw new InstallError(`${file} is needed ${why}, and not here`);
    throw error;
  });
  const text = output.join("");
  if (status === 0) return text;
  const end = text.trimEnd().split("\n").slice(-LINES_MAX).join("\n");
  throw new InstallError(`${command.join(" ")} failed; it is needed ${why}:\n${end}`);
}
