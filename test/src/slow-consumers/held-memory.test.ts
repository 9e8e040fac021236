import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
} from "node:http2";
import { gzipSync } from "node:zlib";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AppendStreamRequestSchema, EventStoreService, ReplayRequestSchema } from "@varve/proto";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect, type StoreClient } from "../support/client.js";
import { temporaryFolder } from "../support/folder.js";
import { range } from "../support/frames.js";
import { largeEvents, newEvent, streamExists } from "../support/requests.js";

const MIB = 1024 * 1024;
/** What the server may have in memory, MiB. Each of these clients once made it gigabytes. */
const MEMORY_MIB_MAX = 600;

/** A connection on which the server may send nothing but headers. */
function closedWindow(address: string): ClientHttp2Session {
  const session = connectHttp2(`http://${address}`, { settings: { initialWindowSize: 0 } });
  // It may be cut off.
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

function open(session: ClientHttp2Session, method: string, headers = {}): ClientHttp2Stream {
  const path = `/${EventStoreService.typeName}/${method}`;
  const grpc = { "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ":method": "POST", ":path": path, ...grpc, ...headers });
  stream.on("error", () => {});
  return stream;
}

/** A message as gRPC frames it. `length`: what it says to have. */
function framed(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

function encoded<T extends DescMessage>(schema: T, init: MessageInitShape<T>): Buffer {
  return framed(toBinary(schema, create(schema, init)));
}

/** Appends and looks at the memory until it has not grown for a while. */
async function settledMemoryMiB(server: ChildServer, client: StoreClient): Promise<number> {
  let most = 0;
  for (let calm = 0; calm < 15; calm++) {
    await client.append({ events: [newEvent("beside")] });
    const now = await server.memoryMiB();
    if (now > most + 1) calm = 0;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return most;
}

describe.skipIf(process.platform !== "linux")("what calls hold in memory is bounded for", () => {
  it("thousands of replays that nobody reads", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const client = connect(server.address);
    for (const _ of range(1, 10)) await client.append({ events: largeEvents("s", 20, 100_000) });
    const session = closedWindow(server.address);
    const replay = encoded(ReplayRequestSchema, {});
    for (const _ of range(1, 4000)) open(session, "Replay").end(replay);
    expect(await settledMemoryMiB(server, client)).toBeLessThan(MEMORY_MIB_MAX);
    expect(await server.stop()).toBe(0);
  }, 60_000);

  it("compressed messages that become a thousand times as large", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const client = connect(server.address);
    const session = closedWindow(server.address);
    const bomb = framed(gzipSync(Buffer.alloc(15 * MIB)), 1);
    for (const _ of range(1, 300)) open(session, "Append", { "grpc-encoding": "gzip" }).end(bomb);
    expect(await settledMemoryMiB(server, client)).toBeLessThan(MEMORY_MIB_MAX);
    session.destroy();
    expect(await server.stop()).toBe(0);
  }, 60_000);

  it("large messages that do not come to their end", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const client = connect(server.address);
    const session = closedWindow(server.address);
    const most = framed(Buffer.alloc(12 * MIB), 0, 16 * MIB);
    for (const _ of range(1, 100)) open(session, "Append").write(most);
    expect(await settledMemoryMiB(server, client)).toBeLessThan(MEMORY_MIB_MAX);
    session.destroy();
    expect(await server.stop()).toBe(0);
  }, 60_000);

  it("outcomes that say much and are not taken", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const client = connect(server.address);
    const conditions = range(1, 64).map((n) => streamExists(`${"x".repeat(500)}-${n}`));
    const appends = range(1, 10).map((n) => ({
      correlation: BigInt(n),
      append: { events: [newEvent("s")], conditions },
    }));
    const frame = encoded(AppendStreamRequestSchema, { appends });
    for (const _ of range(1, 10)) {
      const call = open(closedWindow(server.address), "AppendStream");
      const send = (): void => {
        for (let frames = 0; frames < 100 && call.write(frame); frames++);
      };
      call.on("drain", send);
      send();
    }
    expect(await settledMemoryMiB(server, client)).toBeLessThan(MEMORY_MIB_MAX);
    expect(await server.stop()).toBe(0);
  }, 60_000);
});
