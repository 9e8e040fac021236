import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pinned } from "../machine/cores.ts";
import { ended } from "../process/node-process.ts";
import type { RunningServer } from "./peer.ts";

export interface ServerProcessOptions {
  readonly command: readonly string[];
  readonly port: number;
  readonly core: number | undefined;
  /** Its working directory, and where its output goes. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Who runs it. Default: who runs this. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What ends it and all its processes. Default: `SIGTERM`. */
  readonly endSignal?: NodeJS.Signals;
}

const STARTED_MS_MAX = 30_000;
const LOOK_MS = 20;
const LINES_MAX = 20;

/** Starts a server of somebody else's; resolves when it takes connections on loopback. */
export async function startServer(options: ServerProcessOptions): Promise<RunningServer> {
  const { port, endSignal = "SIGTERM" } = options;
  const log = join(options.folder, "server.log");
  const child = spawnServer(options, log);
  // However this process ends, it leaves no server behind.
  const end = (): boolean => child.kill(endSignal);
  process.once("exit", end);
  const server: RunningServer = {
    address: `127.0.0.1:${port}`,
    pid: child.pid as number,
    async [Symbol.asyncDispose]() {
      process.removeListener("exit", end);
      end();
      await ended(child);
    },
  };
  try {
    await listening(child, port);
    return server;
  } catch (cause) {
    await server[Symbol.asyncDispose]();
    const output = readFileSync(log, "utf8").trimEnd().split("\n").slice(-LINES_MAX).join("\n");
    throw new Error(`${options.command[0]} did not start:\n${output}`, { cause });
  }
}

/** A port on loopback that nobody listens on, for servers that must be told one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function spawnServer(options: ServerProcessOptions, log: string): ChildProcess {
  const { folder, env, user, core } = options;
  const output = openSync(log, "a");
  const [file, ...args] = pinned(options.command, core) as [string, ...string[]];
  const child = spawn(file, args, {
    cwd: folder,
    stdio: ["ignore", output, output],
    ...(env && { env }),
    ...user,
  });
  closeSync(output);
  return child;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  const endMs = performance.now() + STARTED_MS_MAX;
  while (!(await takesConnections(port))) {
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("it ended");
    if (performance.now() > endMs) throw new Error(`no answer on port ${port}`);
    await sleep(LOOK_MS);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (takes: boolean): void => {
      socket.destroy();
      resolve(takes);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
}
