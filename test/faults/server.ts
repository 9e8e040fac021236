import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface FaultServerOptions {
  /** Of the data. */
  readonly folder: string;
  /** Further settings by the flags of `varve serve`, without their dashes. */
  readonly flags?: Readonly<Record<string, string | number>>;
  /** Besides that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** HOST:PORT. Default: a free port of loopback. */
  readonly listen?: string;
  /**
   * Where the packages are whose server is run. Default: the environment variable
   * VARVE_FAULTS_ROOT, which the runner sets, or this checkout.
   */
  readonly root?: URL;
  /** Kills the process, also while it starts. */
  readonly signal?: AbortSignal;
}

/** How a server process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All that it wrote to standard error. */
  readonly stderr: string;
}

/** The server did not come to answer calls. */
export class NotStartedError extends Error {
  override readonly name = "NotStartedError";
  readonly exit: Exit;

  constructor(exit: Exit) {
    super(`the server ended before it answered calls: ${exit.stderr.trim()}`);
    this.exit = exit;
  }
}

const checkout = new URL("../../", import.meta.url);

/** Names, for this process and its children, the folder of the packages whose server is run. */
export const ROOT_VARIABLE = "VARVE_FAULTS_ROOT";

/** The folder of the packages that are put to the test. */
export function defaultRoot(): URL {
  const folder = process.env[ROOT_VARIABLE];
  return folder ? pathToFileURL(`${folder}/`) : checkout;
}

/** A server in a process of its own, to be hurt. */
export class FaultServer implements AsyncDisposable {
  /** HOST:PORT. */
  readonly address: string;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;

  private constructor(address: string, child: ChildProcess, exited: Promise<Exit>) {
    this.address = address;
    this.#child = child;
    this.exited = exited;
  }

  /** Resolves when it answers calls. Throws `NotStartedError`. */
  static async start(options: FaultServerOptions): Promise<FaultServer> {
    const script = new URL(
      "packages/testing/bin/varve-test-server.js",
      options.root ?? defaultRoot(),
    );
    const settings = { listen: options.listen ?? "127.0.0.1:0", "log-level": "warn" };
    const flags = Object.entries({ ...settings, data: options.folder, ...options.flags });
    const args = [
      fileURLToPath(script),
      "--tied",
      ...flags.flatMap(([n, v]) => [`--${n}`, `${v}`]),
    ];
    const env = { ...process.env, ...options.env };
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"], env });
    const exited = exitOf(child);
    options.signal?.addEventListener("abort", () => child.kill("SIGKILL"));
    if (options.signal?.aborted) child.kill("SIGKILL");
    const line = once(createInterface(child.stdout), "line") as Promise<[string]>;
    const started = await Promise.race([line, exited]);
    if (!Array.isArray(started)) throw new NotStartedError(started);
    const { address } = JSON.parse(started[0]) as { address: string };
    return new FaultServer(address, child, exited);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<Exit> {
    this.#child.kill("SIGKILL");
    return this.exited;
  }

  /** Asks it to stop. */
  async stop(): Promise<Exit> {
    this.#child.kill("SIGTERM");
    return this.exited;
  }

  /** Stops its process where it is, until `resume`. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  /** Resident memory now, MiB. Linux only. */
  async memoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, stderr };
}
