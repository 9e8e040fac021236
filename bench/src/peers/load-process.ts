import type { ChildProcess } from "node:child_process";
import type { Result } from "../comparison/result.ts";
import { ended, startNode } from "../process/node-process.ts";
import { Remote } from "../process/remote.ts";
import type { PeerId, WorkloadId } from "./peer.ts";

/** A server, and what a client of it needs. */
export interface ServerAccess {
  readonly contestant: PeerId | "varve";
  readonly address: string;
  readonly pid: number;
  readonly programs: string;
  /** Empty; for files of the client. */
  readonly folder: string;
  /** The core of the clients. Absent: any. */
  readonly core: number | undefined;
}

export interface FillRequest {
  readonly server: ServerAccess;
  readonly events: number;
}

export interface MeasureRequest {
  readonly varve: ServerAccess;
  readonly peer: ServerAccess & { readonly contestant: PeerId };
  readonly workload: WorkloadId;
  readonly seconds: number;
  readonly repeats: number;
}

export interface Measured {
  readonly results: readonly Result[];
  /** What other programs used of the machine meanwhile; 1 is one core. Linux only. */
  readonly othersBusy?: number;
}

/** What the program `load-program.ts` can be asked for. */
export interface PeerLoadCalls {
  readonly fill: (request: FillRequest) => Promise<void>;
  readonly measure: (request: MeasureRequest) => Promise<Measured>;
}

const script = new URL("./load-program.ts", import.meta.url);

/** Asks for one thing in a process of its own, on the core of the clients. */
export async function inLoadProcess<T>(
  core: number | undefined,
  ask: (load: Remote<PeerLoadCalls>) => Promise<T>,
): Promise<T> {
  const child = startNode({ name: "peers-load", script, core });
  try {
    return await ask(new Remote<PeerLoadCalls>(child));
  } finally {
    await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.connected) child.disconnect();
  await ended(child);
}
