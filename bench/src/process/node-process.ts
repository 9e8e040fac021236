import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pinned } from "../machine/cores.ts";

export interface NodeProcessOptions {
  /** For the file of the profile, for example `W2-server`. */
  readonly name: string;
  readonly script: URL;
  readonly args?: readonly string[];
  /** The core that it stays on, with all its threads. Absent: any. */
  readonly core?: number | undefined;
  /** Where a profile of its processor time goes when it ends. Absent: none is made. */
  readonly profileFolder?: string | undefined;
}

/** Started with a channel for messages; standard output is a pipe, standard error shown. */
export function startNode(options: NodeProcessOptions): ChildProcess {
  const { name, script, args = [], core, profileFolder } = options;
  const profile = profileFolder === undefined ? [] : profileFlags(profileFolder, name);
  const command = [process.execPath, ...profile, fileURLToPath(script), ...args];
  const [file, ...rest] = pinned(command, core) as [string, ...string[]];
  return spawn(file, rest, {
    stdio: ["pipe", "pipe", "inherit", "ipc"],
    // Lets buffers pass as they are.
    serialization: "advanced",
  });
}

/** Resolves when the process has ended, however that came. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

let profiles = 0;

/** The same program may run more than once under one name. */
function profileFlags(folder: string, name: string): string[] {
  const file = `${name}-${process.pid}-${profiles++}.cpuprofile`;
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`];
}
