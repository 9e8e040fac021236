import type { ChildProcess } from "node:child_process";
import { ended, type NodeProcessOptions, startNode } from "../process/node-process.ts";
import { Remote } from "../process/remote.ts";
import type { CaptureOptions } from "./batches.ts";
import type { SyncTimes } from "./sync-loop.ts";

/** What the engine wrote for a load. */
export interface Captured {
  readonly batches: number;
  readonly events: number;
  /** That LevelDB puts into its log for one of them; the median. */
  readonly bytesPerBatch: number;
}

interface Count {
  readonly events: number;
  readonly seconds: number;
}

/** What the program `disk-program.ts` can be asked for. */
export interface DiskCalls {
  readonly sync: (load: { bytes: number; seconds: number }) => Promise<SyncTimes>;
  readonly capture: (options: CaptureOptions) => Promise<Captured>;
  /** Writes what was captured last; argument: seconds. */
  readonly write: (seconds: number) => Promise<Count>;
  /** Scans a data folder that nobody else uses. */
  readonly scan: (load: { database: string; seconds: number }) => Promise<Count>;
}

const script = new URL("./disk-program.ts", import.meta.url);

/** B0, B1, B2: the disk and LevelDB without a server, on the core of the servers. */
export class Disk implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #remote: Remote<DiskCalls>;

  /** `folder`: for its files, on the disk that is measured. */
  constructor(folder: string, options: Omit<NodeProcessOptions, "script">) {
    this.#child = startNode({ ...options, script, args: [folder] });
    this.#remote = new Remote<DiskCalls>(this.#child);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  sync(bytes: number, seconds: number): Promise<SyncTimes> {
    return this.#remote.call("sync", { bytes, seconds });
  }

  capture(options: CaptureOptions): Promise<Captured> {
    return this.#remote.call("capture", options);
  }

  write(seconds: number): Promise<Count> {
    return this.#remote.call("write", seconds);
  }

  scan(database: string, seconds: number): Promise<Count> {
    return this.#remote.call("scan", { database, seconds });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await ended(this.#child);
  }
}
