import type { Payload } from "../load/payload.ts";
import type { Work } from "../machine/meter.ts";

export type PeerId = "umadb" | "umadb-pipelined" | "emmett" | "nats" | "etcd" | "redis";

/** What is measured: see `workloads.ts`. */
export type WorkloadId = "one" | "many" | "batches" | "conditional" | "catch-up";

/** Where what is installed is kept, and how to tell what is being done. */
export interface Kitchen {
  /** Of all peers; kept from run to run. */
  readonly folder: string;
  readonly say: (sentence: string) => void;
}

/** What a server is started with. */
export interface ServerSetting {
  /** Installed programs: the folder of the kitchen. */
  readonly programs: string;
  /** Empty; on the disk that is measured. */
  readonly dataFolder: string;
  /** The core that it stays on, with all its processes. Absent: any. */
  readonly core: number | undefined;
}

/** A server that answers calls. Disposing of it ends it. */
export interface RunningServer extends AsyncDisposable {
  /** HOST:PORT. */
  readonly address: string;
  /** Of its first process; the others are its children. */
  readonly pid: number;
}

/** What a client is made with, in the load process. */
export interface ClientSetting {
  readonly programs: string;
  readonly address: string;
  /** Empty; for files that a load program is handed. */
  readonly folder: string;
  /** For a load program of its own. Absent: any. */
  readonly core: number | undefined;
}

/** Does the workloads, over a client that it keeps. */
export interface PeerLoad extends AsyncDisposable {
  /** The process that is the client, if it is not this one. */
  readonly pid?: number;
  /** Appends so many events, in batches, one after the other. */
  fill(events: number): Promise<void>;
  /** How many events the log holds. */
  count(): Promise<number>;
  /** One repeat of about so many seconds. */
  run(workload: WorkloadId, seconds: number): Promise<Work>;
}

/**
 * A store that Varve is compared with, or Varve itself: one file each. All of it but
 * `load` is called in the process of the command; `load` in the process of the load.
 */
export interface Contestant {
  /** For people, for example `NATS JetStream`. */
  readonly name: string;
  /** Installs what is missing. Resolves with versions, by name. Throws `InstallError`. */
  install(kitchen: Kitchen): Promise<Readonly<Record<string, string>>>;
  start(setting: ServerSetting): Promise<RunningServer>;
  load(setting: ClientSetting): Promise<PeerLoad>;
}

export interface Peer extends Contestant {
  readonly id: PeerId;
}

/**
 * What a client in Node does, as a program would: objects go in, and out. Each append
 * resolves when it is durable, and is all or nothing.
 */
export interface LogClient extends AsyncDisposable {
  append(stream: string, event: Payload): Promise<unknown>;
  appendBatch(stream: string, events: readonly Payload[]): Promise<unknown>;
  /**
   * Rejects if anything was appended to the stream after the place that is given: what
   * the append before resolved with. `undefined`: the stream has no event.
   */
  appendAfter(stream: string, event: Payload, place: number | undefined): Promise<number>;
  /** The whole log, in order; each event parsed. */
  readAll(visit: (event: Payload) => void): Promise<void>;
  count(): Promise<number>;
}
