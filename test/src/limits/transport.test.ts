import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import {
  compressionGzip,
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { connect, type EventStoreClient, type NewSnapshot } from "@varve/client";
import { AppendRequestSchema, EventStoreService, GetStatusResponseSchema } from "@varve/proto";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure, failureOf } from "../support/failure.js";
import { range, read } from "../support/frames.js";
import { RawClient, rawFailureOf } from "../support/raw-client.js";
import { newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

const MiB = 1024 * 1024;

describe("a message that is far too large", () => {
  it("is refused with APPEND_TOO_LARGE: an append of 6 MiB", async () => {
    const { client } = await startTestServer();
    const events = range(1, 6).map(() => newEvent("s", { data: new Uint8Array(MiB) }));
    await expectFailure(client.append({ events }), "APPEND_TOO_LARGE");
    expect((await client.getStatus({})).head).toBe(0n);
  });

  it("is refused with RESOURCE_EXHAUSTED by the transport, and other calls go on", async () => {
    const { address } = await startTestServer();
    const raw = new RawClient(address);
    const { code, message } = await rawFailureOf(raw.unary("Append", new Uint8Array(80 * MiB)));
    expect(code).toBe(8);
    expect(message).toMatch(/larger than max/);
    const status = fromBinary(GetStatusResponseSchema, await raw.unary("GetStatus", Buffer.of()));
    expect(status.head).toBe(0n);
  });
});

// Its story: the transport knew of the limit of an append only, so that a snapshot that
// the settings allow never came through.
describe("a snapshot that is larger than 16 MiB", () => {
  it("is taken if the server is set to take it, as its status tells", async () => {
    const { client } = await startTestServer({ flags: { "max-snapshot-bytes": `${20 * MiB}` } });
    await client.append({ events: [newEvent("s")] });
    const { limits } = await client.getStatus({});
    expect(limits).toMatchObject({
      snapshotBytesMax: BigInt(20 * MiB),
      messageBytesMax: BigInt(80 * MiB),
    });
    const data = new Uint8Array(20 * MiB).fill(7);
    await client.saveSnapshot({ snapshot: { stream: "s", schemaType: "s/1", data } });
    const { snapshot } = await client.getSnapshot({ stream: "s" });
    expect(Buffer.from(snapshot?.data ?? []).equals(data)).toBe(true);
  });
});

// One request that the server's transport refused made a client useless for good: what the
// session had not been able to send stayed on its account, and it took no answer any more.
describe("the SDK, after it has sent a message that is far too large", () => {
  const tooLong = "x".repeat(40 * MiB);

  it.each([
    ["a name", (client: EventStoreClient) => client.getStream(tooLong)],
    ["a read", (client: EventStoreClient) => client.read(tooLong).toArray()],
    ["a snapshot", (client: EventStoreClient) => client.saveSnapshot(snapshotOf(tooLong))],
  ])("goes on, and so does what was under way: %s", async (_, send) => {
    const { address } = await startTestServer();
    await using client = connect(address);
    const neighbours = range(1, 10).map((n) => client.append(`s-${n}`, { type: "T" }));
    const sent = send(client);
    neighbours.push(...range(11, 20).map((n) => client.append(`s-${n}`, { type: "T" })));
    await expect(sent).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    await Promise.all(neighbours);
    const following = client.subscribe()[Symbol.asyncIterator]();
    await following.next();
    await client.append("s-21", { type: "T" });
    expect((await client.status()).head).toBe(21n);
    expect((await client.read("s-21").toArray()).length).toBe(1);
  });
});

function snapshotOf(schemaType: string): NewSnapshot {
  return { stream: "s-1", revision: 0, schemaType, data: {} };
}

/** A client that sends everything compressed. */
function compressing(address: string): StoreClient {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  const compression = { sendCompression: compressionGzip, compressMinBytes: 0 };
  const transport = createGrpcTransport({ baseUrl, sessionManager, ...compression });
  return createClient(EventStoreService, transport);
}

describe("a message that is compressed", () => {
  it("is taken like any other", async () => {
    const { address, client } = await startTestServer();
    const data = new Uint8Array(MiB).fill(7);
    await compressing(address).append({ events: [newEvent("s", { data })] });
    const { events } = await read(client, { stream: "s" });
    expect(Buffer.from(events[0]?.event?.data ?? []).equals(data)).toBe(true);
  });

  it("is refused if it is too large once it is not", async () => {
    const { address, client } = await startTestServer();
    const events = range(1, 100).map(() => newEvent("s", { data: new Uint8Array(MiB) }));
    const { code } = await failureOf(compressing(address).append({ events }));
    expect(code).toBe(8);
    expect((await client.getStatus({})).head).toBe(0n);
  });
});

describe("what is not gRPC", () => {
  const request = toBinary(AppendRequestSchema, create(AppendRequestSchema));
  it.each([
    ["an HTTP/1.1 request", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
    ["a TLS handshake", Buffer.from("16030100c8010000c40303", "hex")],
    ["the HTTP/2 preface and nothing sensible", preface(randomBytes(1000))],
    ["a frame of HTTP/2 that is too long", preface(Buffer.from("ffffff000000000001", "hex"))],
    ["a bare message", Buffer.from(request)],
  ])("does the server no harm: %s", async (_, bytes) => {
    const { client, running } = await startTestServer();
    const socket = connectTcp(running.port, "127.0.0.1");
    socket.on("error", () => socket.destroy());
    await once(socket, "connect");
    socket.end(bytes);
    socket.resume();
    await once(socket, "close");
    await client.append({ events: [newEvent("s")] });
    expect((await client.getStatus({})).head).toBe(1n);
  });
});

function preface(rest: Buffer): Buffer {
  return Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), rest]);
}
