import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Options of a real server for tests. */
export interface TestServerOptions {
  /** Keep the data in memory; it is gone after `kill` and `restart`. Default: a temporary folder. */
  readonly inMemory?: boolean;
  /** A folder of one's own for the data, which then stays when the server is stopped. */
  readonly dataFolder?: string;
  /** Further settings, by the flags of `varve serve` without their dashes. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A real server, in a process of its own, on a free loopback port. */
export interface TestServer extends AsyncDisposable {
  /** HOST:PORT; the same after a restart. */
  readonly address: string;
  readonly port: number;
  /** Of the process that runs now; `undefined` if none does. */
  readonly pid: number | undefined;
  /** `undefined` if the data is in memory. */
  readonly dataFolder: string | undefined;
  /** Ends the process at once with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Stops the server, if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Stops the server and removes its temporary folder. */
  stop(): Promise<void>;
}

/** Resolves when the server answers calls. Rejects with what it says if it does not start. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const isTemporary = !options.inMemory && options.dataFolder === undefined;
  const dataFolder = isTemporary
    ? await mkdtemp(join(tmpdir(), "varve-test-"))
    : options.dataFolder;
  const server = new ServerProcess(flagsOf(options, dataFolder));
  await server.start();
  const stop = async (): Promise<void> => {
    await server.end("SIGTERM");
    if (isTemporary && dataFolder) await rm(dataFolder, { recursive: true, force: true });
  };
  return {
    address: server.address,
    port: server.port,
    get pid() {
      return server.pid;
    },
    dataFolder: options.inMemory ? undefined : dataFolder,
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      await server.end("SIGTERM");
      await server.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function flagsOf(
  { inMemory, settings }: TestServerOptions,
  dataFolder: string | undefined,
): string[] {
  const flags = Object.entries(settings ?? {}).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  return [...flags, ...(inMemory ? ["--in-memory"] : ["--data", dataFolder as string])];
}

const executable = fileURLToPath(new URL("../../bin/varve-test-server.js", import.meta.url));

/** One process after the other, all on the same port. */
class ServerProcess {
  #child: ChildProcess | undefined;
  #address = "127.0.0.1:0";

  constructor(private readonly flags: readonly string[]) {}

  get address(): string {
    return this.#address;
  }

  get port(): number {
    return Number(this.#address.slice(this.#address.lastIndexOf(":") + 1));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const args = [executable, "--tied", "--listen", this.#address, ...this.flags];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
      process.stderr.write(chunk);
    });
    const started = once(createInterface(child.stdout), "line") as Promise<[string]>;
    const exited = once(child, "exit").then(() => {
      throw new Error(complaint.trim() || "the server ended before it answered calls");
    });
    exited.catch(() => {});
    const [line] = await Promise.race([started, exited]);
    this.#address = (JSON.parse(line) as { address: string }).address;
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}
