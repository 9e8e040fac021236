import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Payload } from "../load/payload.ts";
import { type GoProgram, installGoProgram } from "./install/go.ts";
import { importPackage, installPackages, packageVersion } from "./install/npm.ts";
import { NodeLoad } from "./node-load.ts";
import type { ClientSetting, LogClient, Peer, RunningServer, ServerSetting } from "./peer.ts";
import { freePort, startServer } from "./server-process.ts";

const SERVER: GoProgram = {
  name: "nats-server",
  module: "github.com/nats-io/nats-server/v2",
  version: "2.15.2",
};

/** One JetStream stream is the log; its subjects are what Varve calls streams. */
const STREAM = "EVENTS";
const SUBJECT = "events.";
const GIB = 2 ** 30;
/** Messages that the server may send ahead: more no longer helps. */
const BUFFERED_MAX = 10_000;

export const nats: Peer = {
  id: "nats",
  name: "NATS JetStream",
  async install(kitchen) {
    await installPackages(kitchen);
    await installGoProgram(kitchen, SERVER);
    return {
      "nats-server": SERVER.version,
      "@nats-io/jetstream": packageVersion("@nats-io/jetstream"),
    };
  },
  start,
  load: async (setting) => new NodeLoad(await client(setting)),
};

async function start({ programs, dataFolder, core }: ServerSetting): Promise<RunningServer> {
  const port = await freePort();
  const config = join(dataFolder, "nats.conf");
  const jetStream = {
    store_dir: join(dataFolder, "jetstream"),
    // Each message is synced before it is acknowledged. The default is every 2 minutes.
    sync_interval: "always",
    max_file_store: 64 * GIB,
  };
  // The format of the file is a superset of JSON.
  const settings = { host: "127.0.0.1", port, server_name: "peer", jetstream: jetStream };
  writeFileSync(config, JSON.stringify(settings));
  const program = join(programs, `${SERVER.name}-${SERVER.version}`, SERVER.name);
  return startServer({ command: [program, "-c", config], port, core, folder: dataFolder });
}

interface TransportModule {
  connect(options: { servers: string }): Promise<Connection>;
}

interface Connection {
  close(): Promise<void>;
}

interface JetStreamModule {
  jetstream(connection: Connection): JetStream;
  jetstreamManager(connection: Connection): Promise<Manager>;
}

interface JetStream {
  publish(
    subject: string,
    payload: string,
    options?: { expect?: { lastSubjectSequence: number } },
  ): Promise<{ readonly seq: number }>;
  startBatch(subject: string, payload: string): Promise<Batch>;
  readonly consumers: { get(stream: string): Promise<Consumer> };
}

interface Batch {
  add(subject: string, payload: string): void;
  commit(subject: string, payload: string): Promise<unknown>;
}

interface Consumer {
  consume(options: { max_messages: number }): Promise<Messages>;
}

interface Messages extends AsyncIterable<Message> {
  close(): Promise<unknown>;
}

interface Message {
  readonly info: { readonly pending: number };
  json<T>(): T;
}

interface Manager {
  readonly streams: {
    add(config: Record<string, unknown>): Promise<unknown>;
    info(name: string): Promise<{ readonly state: { readonly messages: number } }>;
  };
}

async function client({ programs, address }: ClientSetting): Promise<LogClient> {
  const { connect } = importPackage<TransportModule>(programs, "@nats-io/transport-node");
  const js = importPackage<JetStreamModule>(programs, "@nats-io/jetstream");
  const connection = await connect({ servers: address });
  const { streams } = await js.jetstreamManager(connection);
  await streams.add({
    name: STREAM,
    subjects: [`${SUBJECT}>`],
    storage: "file",
    allow_atomic: true,
    allow_direct: true,
  });
  const jetStream = js.jetstream(connection);
  return {
    append: (stream, event) => jetStream.publish(SUBJECT + stream, JSON.stringify(event)),
    appendBatch: (stream, events) => appendBatch(jetStream, SUBJECT + stream, events),
    async appendAfter(stream, event, lastSubjectSequence = 0) {
      const options = { expect: { lastSubjectSequence } };
      return (await jetStream.publish(SUBJECT + stream, JSON.stringify(event), options)).seq;
    },
    readAll: (visit) => readAll(jetStream, visit),
    count: async () => (await streams.info(STREAM)).state.messages,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function appendBatch(
  jetStream: JetStream,
  subject: string,
  events: readonly Payload[],
): Promise<void> {
  const payloads = events.map((event) => JSON.stringify(event));
  const batch = await jetStream.startBatch(subject, payloads[0] as string);
  for (const payload of payloads.slice(1, -1)) batch.add(subject, payload);
  await batch.commit(subject, payloads.at(-1) as string);
}

/** By an ordered consumer, which the server keeps in memory. */
async function readAll(jetStream: JetStream, visit: (event: Payload) => void): Promise<void> {
  const consumer = await jetStream.consumers.get(STREAM);
  const messages = await consumer.consume({ max_messages: BUFFERED_MAX });
  for await (const message of messages) {
    visit(message.json<Payload>());
    if (message.info.pending === 0) break;
  }
  await messages.close();
}
