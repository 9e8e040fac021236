import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { residentMiB } from "../machine/cpu.ts";
import { ended, startNode } from "./node-process.ts";

const script = new URL("../../../packages/testing/bin/varve-test-server.js", import.meta.url);

export interface VarveServerOptions {
  readonly name: string;
  readonly dataFolder: string;
  readonly core?: number | undefined;
  readonly profileFolder?: string | undefined;
}

/** A real server, as users run it, on a core of its own. */
export class VarveServer implements AsyncDisposable {
  /** HOST:PORT. */
  readonly address: string;
  readonly dataFolder: string;
  readonly #child: ChildProcess;

  private constructor(address: string, dataFolder: string, child: ChildProcess) {
    this.address = address;
    this.dataFolder = dataFolder;
    this.#child = child;
  }

  /** Resolves when it says that it answers calls. */
  static async start(options: VarveServerOptions): Promise<VarveServer> {
    const args = ["--tied", "--data", options.dataFolder];
    const child = startNode({ ...options, script, args });
    const stdout = child.stdout as NonNullable<typeof child.stdout>;
    const line = once(createInterface(stdout), "line") as Promise<[string]>;
    const exited = ended(child).then(() => {
      throw new Error("the server ended before it answered calls");
    });
    const [first] = await Promise.race([line, exited]);
    const { address } = JSON.parse(first) as { address: string };
    return new VarveServer(address, options.dataFolder, child);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Resident memory now, MiB. */
  get residentMiB(): number {
    return residentMiB(this.pid) ?? Number.NaN;
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await ended(this.#child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await ended(this.#child);
  }
}
