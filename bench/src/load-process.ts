import type { ChildProcess } from "node:child_process";
import type { Result } from "./comparison/result.ts";
import type { LabOptions } from "./lab.ts";
import { ended, startNode } from "./process/node-process.ts";
import { Remote } from "./process/remote.ts";

/** What is asked of `load-program.ts`. */
export interface LoadRequest {
  /** Of the workload. */
  readonly id: string;
  readonly lab: LabOptions;
  readonly repeats: number;
}

export interface WorkloadResults {
  readonly results: readonly Result[];
  readonly notes: readonly string[];
  /** What other programs used of the machine meanwhile; 1 is one core. Linux only. */
  readonly othersBusy?: number;
}

/** What the program `load-program.ts` can be asked for. */
export interface LoadCalls {
  readonly run: (request: LoadRequest) => Promise<WorkloadResults>;
}

const script = new URL("./load-program.ts", import.meta.url);

/** Runs workloads in a process on the core of the clients. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #remote: Remote<LoadCalls>;

  constructor(options: {
    readonly name: string;
    readonly core: number | undefined;
    readonly profileFolder?: string | undefined;
  }) {
    this.#child = startNode({ ...options, script });
    this.#remote = new Remote<LoadCalls>(this.#child);
  }

  run(request: LoadRequest): Promise<WorkloadResults> {
    return this.#remote.call("run", request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await ended(this.#child);
  }
}
