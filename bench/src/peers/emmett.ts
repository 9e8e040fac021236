import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Payload } from "../load/payload.ts";
import { importPackage, installPackages, packageVersion } from "./install/npm.ts";
import {
  findPostgres,
  postgresUser,
  postgresVersion,
  type SystemUser,
} from "./install/postgres.ts";
import { runTool } from "./install/tool.ts";
import { NodeLoad } from "./node-load.ts";
import type { ClientSetting, LogClient, Peer, RunningServer, ServerSetting } from "./peer.ts";
import { freePort, startServer } from "./server-process.ts";

const EMMETT = "@event-driven-io/emmett-postgresql";
const DUMBO = "@event-driven-io/dumbo";
const TYPE = "order.Placed";
const USER = "varve";
const LOOK_MS = 50;
const LOOKS_MAX = 600;
/** Connections of the client: more of them on one core only wait for each other. */
const CONNECTIONS = 32;
/** Events of each query of a catch-up: each sorts all that is left. */
const PAGE = 50_000;

export const emmett: Peer = {
  id: "emmett",
  name: "Emmett + PostgreSQL",
  async install(kitchen) {
    await installPackages(kitchen);
    return { postgresql: await postgresVersion(), "emmett-postgresql": packageVersion(EMMETT) };
  },
  start,
  load: async (setting) => new NodeLoad(await client(setting)),
};

/** Of the server, beside address and port. */
const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  // As its manual recommends for a machine of some gigabytes.
  shared_buffers: "2GB",
  effective_cache_size: "6GB",
  work_mem: "256MB",
  wal_buffers: "64MB",
  // No checkpoint beside what is measured.
  max_wal_size: "16GB",
  checkpoint_timeout: "1h",
  jit: "off",
  max_connections: "100",
  unix_socket_directories: "",
};

async function start({ dataFolder, core }: ServerSetting): Promise<RunningServer> {
  const programs = findPostgres();
  const user = await postgresUser();
  const cluster = await initialize(programs, dataFolder, user);
  const port = await freePort();
  const settings = { ...SETTINGS, listen_addresses: "127.0.0.1", port };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = await startServer({
    command: [join(programs, "postgres"), "-D", cluster, ...flags],
    port,
    core,
    folder: dataFolder,
    // Ends all connections at once, and itself.
    endSignal: "SIGINT",
    ...(user && { user }),
  });
  await answersQueries(programs, port);
  return server;
}

async function initialize(
  programs: string,
  dataFolder: string,
  user: SystemUser | undefined,
): Promise<string> {
  const cluster = join(dataFolder, "cluster");
  mkdirSync(cluster);
  if (user) {
    for (const folder of [dataFolder, cluster]) chownSync(folder, user.uid, user.gid);
  }
  const flags = ["-D", cluster, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"];
  const options = { cwd: dataFolder, ...user };
  await runTool([join(programs, "initdb"), ...flags], "to run PostgreSQL", options);
  return cluster;
}

/** It takes connections before it is ready, and then refuses them. */
async function answersQueries(programs: string, port: number): Promise<void> {
  const command = [join(programs, "pg_isready"), "-h", "127.0.0.1", "-p", String(port)];
  const isReady = (): Promise<boolean> =>
    runTool(command, "to run PostgreSQL").then(
      () => true,
      () => false,
    );
  for (let look = 0; look < LOOKS_MAX && !(await isReady()); look++) await sleep(LOOK_MS);
}

interface EmmettModule {
  getPostgreSQLEventStore(url: string, options: unknown): EventStore;
  readMessagesBatch(
    executor: Executor,
    options: { readonly after: bigint; readonly batchSize: number },
  ): Promise<Page>;
}

interface EventStore {
  readonly schema: { migrate(): Promise<unknown> };
  appendToStream(
    stream: string,
    events: readonly { readonly type: string; readonly data: Payload }[],
    options: { readonly expectedStreamVersion: bigint } | undefined,
  ): Promise<{ readonly nextExpectedStreamVersion: bigint }>;
}

interface Page {
  readonly messages: readonly { readonly data: Payload }[];
  readonly currentGlobalPosition: bigint;
  readonly areMessagesLeft: boolean;
}

/** What Emmett is built on: a pool, and what runs queries on it. */
interface DumboModule {
  dumbo(options: { readonly connectionString: string; readonly pool: Pool }): Dumbo;
}

interface Dumbo {
  readonly execute: Executor;
  close(): Promise<void>;
}

type Executor = object;

interface PgModule {
  readonly Pool: new (options: { connectionString: string; max: number }) => Pool;
}

interface Pool {
  query(sql: string): Promise<{ readonly rows: readonly { readonly count: string }[] }>;
  on(event: "error", handler: () => void): void;
  end(): Promise<void>;
}

async function client({ programs, address }: ClientSetting): Promise<LogClient> {
  const emmettModule = importPackage<EmmettModule>(programs, EMMETT);
  const { dumbo: openDumbo } = importPackage<DumboModule>(programs, DUMBO);
  const { Pool } = importPackage<PgModule>(programs, "pg");
  const connectionString = `postgresql://${USER}@${address}/postgres`;
  const pool = new Pool({ connectionString, max: CONNECTIONS });
  // The calls of a connection that breaks fail by themselves.
  pool.on("error", () => {});
  const dumbo = openDumbo({ connectionString, pool });
  const options = { connectionOptions: { dumbo } };
  const store = emmettModule.getPostgreSQLEventStore(connectionString, options);
  await store.schema.migrate();
  return {
    append: (stream, event) => append(store, stream, [event]),
    appendBatch: (stream, events) => append(store, stream, events),
    appendAfter: (stream, event, version = 0) => append(store, stream, [event], BigInt(version)),
    readAll: (visit) => readAll(emmettModule, dumbo.execute, visit),
    count: async () => Number((await pool.query(COUNT)).rows[0]?.count),
    async [Symbol.asyncDispose]() {
      await dumbo.close();
      await pool.end();
    },
  };
}

async function append(
  store: EventStore,
  stream: string,
  events: readonly Payload[],
  expectedStreamVersion?: bigint,
): Promise<number> {
  const typed = events.map((data) => ({ type: TYPE, data }));
  const options = expectedStreamVersion === undefined ? undefined : { expectedStreamVersion };
  const { nextExpectedStreamVersion } = await store.appendToStream(stream, typed, options);
  return Number(nextExpectedStreamVersion);
}

const COUNT = "SELECT count(*) FROM emt_messages";

async function readAll(
  { readMessagesBatch }: EmmettModule,
  executor: Executor,
  visit: (event: Payload) => void,
): Promise<void> {
  let after = 0n;
  while (true) {
    const page = await readMessagesBatch(executor, { after, batchSize: PAGE });
    for (const { data } of page.messages) visit(data);
    if (!page.areMessagesLeft) return;
    after = page.currentGlobalPosition;
  }
}
