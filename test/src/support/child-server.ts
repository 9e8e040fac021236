import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { type Flags, flagsFor } from "./server.js";

export interface ChildServerOptions {
  readonly flags?: Flags;
  /** No file can grow beyond this; a write that would fails. KiB. */
  readonly fileSizeMax?: number;
  /** Files and connections that it can have open. */
  readonly handlesMax?: number;
}

const run = promisify(execFile);

type Child = ChildProcessByStdio<Writable, Readable, null>;

const script = fileURLToPath(new URL("server-process.ts", import.meta.url));

/** A server in a process of its own. It is killed when the test ends. */
export class ChildServer {
  readonly #exited: Promise<unknown>;

  private constructor(
    readonly address: string,
    private readonly child: Child,
  ) {
    this.#exited = exitOf(child);
  }

  static async start(folder: string, options: ChildServerOptions = {}): Promise<ChildServer> {
    const child = spawnServer(JSON.stringify(flagsFor(folder, options.flags)), options);
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await exitOf(child);
    });
    for await (const line of createInterface(child.stdout)) {
      return new ChildServer(JSON.parse(line).address, child);
    }
    throw new Error("the server did not start");
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.#exited;
  }

  /** Asks it to stop; resolves to its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    await this.#exited;
    return this.child.exitCode;
  }

  /** From now on it can open a file or connection only while it has fewer than so many. Linux only. */
  async limitHandles(max: number): Promise<void> {
    await run("prlimit", ["--pid", `${this.child.pid}`, `--nofile=${max}:`]);
  }

  /** Resident memory now, MiB. Linux only. */
  async memoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }
}

function spawnServer(flags: string, { fileSizeMax, handlesMax }: ChildServerOptions): Child {
  const [file, ...args] = [process.execPath, script, flags];
  const limits = [
    // The shell counts in blocks of 512 bytes.
    ...(fileSizeMax === undefined ? [] : [`ulimit -f ${fileSizeMax * 2}`]),
    ...(handlesMax === undefined ? [] : [`ulimit -n ${handlesMax}`]),
  ];
  if (limits.length === 0) return spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const limited = ["-c", [...limits, `exec "$0" "$@"`].join(" && "), file, ...args];
  return spawn("/bin/sh", limited, { stdio: ["pipe", "pipe", "inherit"] });
}

async function exitOf(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
