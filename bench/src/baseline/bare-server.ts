import type { ChildProcess } from "node:child_process";
import { ended, type NodeProcessOptions, startNode } from "../process/node-process.ts";
import { Remote } from "../process/remote.ts";

/** What a bare server answers with, whatever it is asked. */
export interface Answers {
  /** To a unary call. */
  readonly unary: Buffer;
  /** To each message of a bidi call. */
  readonly bidi: Buffer;
  /** To a server stream, one after the other. */
  readonly frames: readonly Buffer[];
  /** Sent to every subscriber at each unary call, before that is answered. */
  readonly published: Buffer | undefined;
}

/** What the program `bare-program.ts` can be asked for. */
export interface BareCalls {
  readonly address: (_: undefined) => Promise<string>;
  readonly prepare: (answers: Answers) => Promise<void>;
}

const script = new URL("./bare-program.ts", import.meta.url);

/** B3, B4: a grpc-js server that does nothing, on the core of the servers. */
export class BareServer implements AsyncDisposable {
  /** HOST:PORT. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #remote: Remote<BareCalls>;

  private constructor(address: string, child: ChildProcess, remote: Remote<BareCalls>) {
    this.address = address;
    this.#child = child;
    this.#remote = remote;
  }

  static async start(options: Omit<NodeProcessOptions, "script">): Promise<BareServer> {
    const child = startNode({ ...options, script });
    const remote = new Remote<BareCalls>(child);
    return new BareServer(await remote.call("address", undefined), child, remote);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What is not given is empty. */
  async prepare(answers: Partial<Answers>): Promise<void> {
    const nothing = { unary: Buffer.alloc(0), bidi: Buffer.alloc(0), frames: [] };
    await this.#remote.call("prepare", { ...nothing, published: undefined, ...answers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await ended(this.#child);
  }
}
