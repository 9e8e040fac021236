import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type EventStoreClient } from "@varve/client";
import { type RunningServer, readSettings, type Settings, startServer } from "@varve/server";
import { createTestStore } from "@varve/testing";
import type { ContractStore, ContractStoreOptions } from "@varve/testing/contract";

/** The fake: the engine in this process, without a network. */
export async function fake({ limits }: ContractStoreOptions): Promise<ContractStore> {
  const client = createTestStore({ limits });
  return { client, limits, canBeOutrun: true, close: () => client.close() };
}

/** A real server that keeps its data in memory. */
export async function serverOnMemory({ limits }: ContractStoreOptions): Promise<ContractStore> {
  const server = await Server.start({ "in-memory": true, ...flagsOf(limits) });
  return { client: server.client, limits, canBeOutrun: true, close: () => server.stop() };
}

/** A real server on a folder of its own. */
export async function serverOnDisk({ limits }: ContractStoreOptions): Promise<ContractStore> {
  const data = await temporaryFolder();
  const server = await Server.start({ data, ...flagsOf(limits) });
  return { client: server.client, limits, canBeOutrun: true, close: () => server.end(data) };
}

/** The same, stopped and started again between the steps of every test. */
export async function restartedServer({ limits }: ContractStoreOptions): Promise<ContractStore> {
  const data = await temporaryFolder();
  const flags = { data, ...flagsOf(limits) };
  let server = await Server.start(flags);
  return {
    get client() {
      return server.client;
    },
    limits,
    canBeOutrun: true,
    restart: async () => {
      await server.stop();
      server = await Server.start(flags);
    },
    close: () => server.end(data),
  };
}

type Flags = Readonly<Record<string, string | boolean>>;

/** A server on a free port of loopback, and a client of it. */
class Server {
  readonly client: EventStoreClient;

  private constructor(private readonly running: RunningServer) {
    this.client = connect(running.address, { receiveWindowBytes: 65_535 });
  }

  static async start(flags: Flags): Promise<Server> {
    const all = { listen: "127.0.0.1:0", "log-level": "silent", ...flags };
    return new Server(await startServer(readSettings(all, {})));
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.running.stop();
  }

  async end(data: string): Promise<void> {
    await this.stop();
    await rm(data, { recursive: true, force: true });
  }
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "varve-contract-"));
}

const flagNames: Record<keyof Settings["limits"], string> = {
  eventDataBytesMax: "max-event-data-bytes",
  appendBytesMax: "max-append-bytes",
  appendEventsMax: "max-append-events",
  streamNameBytesMax: "max-stream-name-bytes",
  typeBytesMax: "max-type-bytes",
  metadataBytesMax: "max-metadata-bytes",
  tagsMax: "max-tags",
  tagBytesMax: "max-tag-bytes",
  snapshotBytesMax: "max-snapshot-bytes",
  conditionLookUpsMax: "max-condition-look-ups",
};

function flagsOf(limits: ContractStoreOptions["limits"]): Flags {
  const flags = Object.entries(flagNames).flatMap(([limit, flag]) => {
    const value = limits[limit as keyof typeof flagNames];
    return value === undefined ? [] : [[flag, String(value)] as const];
  });
  return Object.fromEntries(flags);
}
