import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Payload } from "../load/payload.ts";
import { type GoProgram, installGoProgram } from "./install/go.ts";
import { importPackage, installPackages, packageFile, packageVersion } from "./install/npm.ts";
import { NodeLoad } from "./node-load.ts";
import type { ClientSetting, LogClient, Peer, RunningServer, ServerSetting } from "./peer.ts";
import { freePort, startServer } from "./server-process.ts";

const SERVER: GoProgram = { name: "etcd", module: "go.etcd.io/etcd/server/v3", version: "3.7.3" };

/** Each event is a key of its own: this, its stream, and what tells it from the others. */
const PREFIX = "event/";
const DIGITS = 12;
const GIB = 2 ** 30;

export const etcd: Peer = {
  id: "etcd",
  name: "etcd",
  async install(kitchen) {
    await installPackages(kitchen);
    await installGoProgram(kitchen, SERVER);
    return { etcd: SERVER.version, "grpc-js": packageVersion("@grpc/grpc-js") };
  },
  start,
  load: async (setting) => new NodeLoad(await client(setting)),
};

async function start({ programs, dataFolder, core }: ServerSetting): Promise<RunningServer> {
  const [port, peerPort] = [await freePort(), await freePort()];
  const urlOf = (port: number): string => `http://127.0.0.1:${port}`;
  const settings = {
    "data-dir": join(dataFolder, "etcd"),
    "listen-client-urls": urlOf(port),
    "advertise-client-urls": urlOf(port),
    "listen-peer-urls": urlOf(peerPort),
    "initial-advertise-peer-urls": urlOf(peerPort),
    "initial-cluster": `default=${urlOf(peerPort)}`,
    // A log grows; by default etcd stops taking writes at 2 GiB.
    "quota-backend-bytes": String(8 * GIB),
    "log-level": "error",
  };
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const program = join(programs, `${SERVER.name}-${SERVER.version}`, SERVER.name);
  return startServer({ command: [program, ...flags], port, core, folder: dataFolder });
}

/** Of etcd's own definitions, which this package brings along. */
const DEFINITIONS = "etcd3/proto/rpc.proto";

interface GrpcModule {
  loadPackageDefinition(definition: unknown): { readonly etcdserverpb: Services };
  readonly credentials: { createInsecure(): unknown };
}

interface ProtoLoaderModule {
  loadSync(file: string, options: Record<string, unknown>): unknown;
}

interface Services {
  readonly KV: Constructor<KeyValues>;
  readonly Watch: Constructor<Watches>;
}

type Constructor<T> = new (
  address: string,
  credentials: unknown,
  options: Record<string, number>,
) => T;

type Answer<T> = (error: Error | null, response: T) => void;

interface KeyValues {
  put(request: Put, answer: Answer<unknown>): void;
  txn(request: Transaction, answer: Answer<{ readonly succeeded: boolean }>): void;
  range(request: CountRequest, answer: Answer<{ readonly count: string }>): void;
  close(): void;
}

interface KeyRange {
  readonly key: Buffer;
  readonly range_end: Buffer;
}

interface CountRequest extends KeyRange {
  readonly count_only: true;
}

interface Put {
  readonly key: Buffer;
  readonly value: Buffer;
}

interface Transaction {
  readonly compare?: readonly {
    readonly result: "EQUAL";
    readonly target: "CREATE";
    readonly key: Buffer;
    readonly create_revision: number;
  }[];
  readonly success: readonly { readonly request_put: Put }[];
}

interface Watches {
  watch(): WatchCall;
  close(): void;
}

interface WatchCall {
  on(event: "data", handler: (response: WatchResponse) => void): WatchCall;
  on(event: "error", handler: (error: Error) => void): WatchCall;
  write(request: { readonly create_request: KeyRange & { readonly start_revision: number } }): void;
  cancel(): void;
}

interface WatchResponse {
  readonly events: readonly { readonly kv: { readonly value: Buffer } }[];
}

/** Over grpc-js itself: `etcd3`, which wraps it, takes more time for each call. */
async function client({ programs, address }: ClientSetting): Promise<LogClient> {
  const grpc = importPackage<GrpcModule>(programs, "@grpc/grpc-js");
  const { loadSync } = importPackage<ProtoLoaderModule>(programs, "@grpc/proto-loader");
  const definition = loadSync(packageFile(programs, DEFINITIONS), {
    keepCase: true,
    arrays: true,
    longs: String,
  });
  const { KV, Watch } = grpc.loadPackageDefinition(definition).etcdserverpb;
  // A watch is answered with a thousand revisions at a time, however large they are.
  const options = { "grpc.max_receive_message_length": -1 };
  const keys = new KV(address, grpc.credentials.createInsecure(), options);
  const watches = new Watch(address, grpc.credentials.createInsecure(), options);
  const writer = randomUUID();
  let serial = 0;
  const next = (stream: string, event: Payload): Put =>
    putOf(stream, `${writer}-${digits(serial++)}`, event);
  return {
    append: (stream, event) => answerOf((answer) => keys.put(next(stream, event), answer)),
    appendBatch: (stream, events) => {
      const success = events.map((event) => ({ request_put: next(stream, event) }));
      return answerOf((answer) => keys.txn({ success }, answer));
    },
    appendAfter: (stream, event, revision = 0) => appendAfter(keys, stream, event, revision),
    readAll: async (visit) => readAll(watches, await count(keys), visit),
    count: () => count(keys),
    async [Symbol.asyncDispose]() {
      keys.close();
      watches.close();
    },
  };
}

function answerOf<T>(call: (answer: Answer<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    call((error, response) => (error ? reject(error) : resolve(response))),
  );
}

/** The event of each revision has a key of its own, which must not be there yet. */
async function appendAfter(
  keys: KeyValues,
  stream: string,
  event: Payload,
  revision: number,
): Promise<number> {
  const put = putOf(stream, digits(revision), event);
  const transaction: Transaction = {
    compare: [{ result: "EQUAL", target: "CREATE", key: put.key, create_revision: 0 }],
    success: [{ request_put: put }],
  };
  const { succeeded } = await answerOf<{ succeeded: boolean }>((answer) =>
    keys.txn(transaction, answer),
  );
  if (!succeeded) throw new Error(`${stream} has an event ${revision}`);
  return revision + 1;
}

/** By a watch from the first revision on, which is in the order of the log. */
async function readAll(
  watches: Watches,
  events: number,
  visit: (event: Payload) => void,
): Promise<void> {
  let left = events;
  const done = Promise.withResolvers<void>();
  const call = watches.watch();
  // It is also told of its own end.
  call.on("error", (error) => (left > 0 ? done.reject(error) : undefined));
  call.on("data", (response) => {
    for (const { kv } of response.events) visit(JSON.parse(String(kv.value)));
    left -= response.events.length;
    if (left <= 0) done.resolve();
  });
  call.write({ create_request: { ...allEvents(), start_revision: 1 } });
  await done.promise;
  call.cancel();
}

async function count(keys: KeyValues): Promise<number> {
  const request: CountRequest = { ...allEvents(), count_only: true };
  return Number((await answerOf<{ count: string }>((answer) => keys.range(request, answer))).count);
}

/** The range ends before the prefix with its last byte one further. */
function allEvents(): KeyRange {
  const range_end = Buffer.from(PREFIX);
  range_end[range_end.length - 1] = (range_end.at(-1) as number) + 1;
  return { key: Buffer.from(PREFIX), range_end };
}

function putOf(stream: string, id: string, event: Payload): Put {
  const key = Buffer.from(`${PREFIX}${stream}/${id}`);
  return { key, value: Buffer.from(JSON.stringify(event)) };
}

function digits(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
