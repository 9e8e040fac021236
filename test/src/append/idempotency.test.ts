import { randomUUID } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  AppendRequestSchema,
  type AppendResponse,
  AppendResponseSchema,
  type AppendStreamResponse,
  AppendStreamResponseSchema,
} from "@varve/proto";
import { describe, expect, it } from "vitest";
import { expectFailure, expectReason, fromConnect } from "../support/failure.js";
import { range, replay } from "../support/frames.js";
import { RawClient, rawFailureOf } from "../support/raw-client.js";
import { type AppendInit, atRevision, newEvent, newEvents, noStream } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

type Identified = AppendInit & { readonly appendId: string };

function identified(fields: Partial<AppendInit> = {}): Identified {
  return { events: newEvents("s", 2), ...fields, appendId: randomUUID() };
}

describe("an append id", () => {
  it("makes a repeat return the first outcome, and store nothing", async () => {
    const { client } = await startTestServer();
    const request = identified({ events: [newEvent("a"), newEvent("b"), newEvent("a")] });
    const first = await client.append(request);
    await client.append({ events: newEvents("a", 5) });
    const second = await client.append(request);
    expect(first.repeat).toBe(false);
    expect(second).toEqual({ ...first, repeat: true });
    expect((await client.getStatus({})).head).toBe(8n);
  });

  it("returns the first outcome though the condition no longer holds", async () => {
    const { client } = await startTestServer();
    const request = identified({ conditions: [noStream("s")] });
    const first = await client.append(request);
    expect(await client.append(request)).toEqual({ ...first, repeat: true });
  });

  it("is remembered across a restart, and across two", async () => {
    const server = await startTestServer();
    const request = identified();
    const first = await server.client.append(request);
    await server.stop();
    for (let restart = 0; restart < 2; restart++) {
      const { client, stop } = await startTestServer({ folder: server.folder });
      expect(await client.append(request)).toEqual({ ...first, repeat: true });
      expect((await client.getStatus({})).head).toBe(2n);
      await stop();
    }
  });

  it("is not taken by an append that was refused", async () => {
    const { client } = await startTestServer();
    await client.append({ events: [newEvent("s")] });
    const request = identified({ conditions: [noStream("other")] });
    const refused = { ...request, conditions: [noStream("s")] };
    await expectFailure(client.append(refused), "CONDITION_FAILED");
    expect(await client.append(request)).toMatchObject({ repeat: false, firstPosition: 2n });
  });

  it("lets a refused append be decided anew", async () => {
    const { client } = await startTestServer();
    const request = identified({ conditions: [atRevision("s", 0)] });
    await expectFailure(client.append(request), "CONDITION_FAILED");
    await client.append({ events: [newEvent("s")] });
    expect(await client.append(request)).toMatchObject({ repeat: false, firstPosition: 2n });
  });

  it("stores once what 50 calls send at the same time", async () => {
    const { client, connect } = await startTestServer();
    const request = identified();
    const clients = [client, connect(), connect()];
    const answers = await Promise.all(
      range(0, 49).map((n) => (clients[n % 3] ?? client).append(request)),
    );
    expect(answers.filter(({ repeat }) => !repeat)).toHaveLength(1);
    expect(new Set(answers.map(({ firstPosition }) => firstPosition))).toEqual(new Set([1n]));
    expect((await client.getStatus({})).head).toBe(2n);
  });

  it("empty means that the same append is stored twice", async () => {
    const { client } = await startTestServer();
    const request = { events: newEvents("s", 2) };
    await client.append(request);
    expect(await client.append(request)).toMatchObject({ firstPosition: 3n, repeat: false });
  });

  it("means the same in capital letters", async () => {
    const { client } = await startTestServer();
    const request = identified();
    await client.append(request);
    const repeat = await client.append({ ...request, appendId: request.appendId.toUpperCase() });
    expect(repeat).toMatchObject({ firstPosition: 1n, repeat: true });
  });

  it("means the same with the default workspace named and unnamed", async () => {
    const { client } = await startTestServer();
    const request = identified();
    await client.append(request);
    const repeat = await client.append({ ...request, workspace: "default" });
    expect(repeat).toMatchObject({ firstPosition: 1n, repeat: true });
  });

  it("means the same though the fields are encoded in another order", async () => {
    const { address, client } = await startTestServer();
    const raw = new RawClient(address);
    const appendId = randomUUID();
    const id = toBinary(AppendRequestSchema, create(AppendRequestSchema, { appendId }));
    const event = create(AppendRequestSchema, { events: [newEvent("s")] });
    const events = toBinary(AppendRequestSchema, event);
    await raw.unary("Append", Buffer.concat([id, events]));
    const answer = await raw.unary("Append", Buffer.concat([events, id]));
    expect(fromBinary(AppendResponseSchema, answer).repeat).toBe(true);
    expect((await client.getStatus({})).head).toBe(1n);
  });
});

// Their story: a retry through a proxy, or from a process with another protobuf library,
// was refused as another append. All of these are the same content to protobuf.
describe("an append id with the same content in another encoding", () => {
  const id = bytes(1, Buffer.from(randomUUID()));
  const type = bytes(2, Buffer.from("order.Placed"));
  const data = bytes(3, Buffer.from("{}"));
  const stream = bytes(1, Buffer.from("order-1"));
  const usual = [stream, bytes(2, id, type, data)];
  const others: [string, Buffer[]][] = [
    ["the fields of the event in another order", [stream, bytes(2, data, type, id)]],
    ["the fields of the new event in another order", [bytes(2, id, type, data), stream]],
    ["an empty field", [stream, bytes(2, id, type, data, bytes(4), bytes(5))]],
    ["a field that is replaced", [stream, bytes(2, id, bytes(2), type, bytes(3), data)]],
    ["the event in two parts", [stream, bytes(2, id, type), bytes(2, data)]],
    ["the stream between two parts", [bytes(2, type), stream, bytes(2, id, data)]],
  ];
  it.each(others)("is a repeat, and the first one stays: %s", async (_, other) => {
    const { address, client, stop, folder } = await startTestServer();
    const appendId = bytes(2, Buffer.from(randomUUID()));
    const request = (fields: Buffer[]): Buffer => Buffer.concat([appendId, bytes(3, ...fields)]);
    const send = async (to: string, fields: Buffer[]): Promise<AppendResponse> => {
      const answer = await new RawClient(to).unary("Append", request(fields));
      return fromBinary(AppendResponseSchema, answer);
    };
    expect((await send(address, other)).repeat).toBe(false);
    expect((await send(address, usual)).repeat).toBe(true);
    const stored = (await replay(client)).events[0]?.event;
    expect(stored).toMatchObject({ type: "order.Placed", data: new Uint8Array([0x7b, 0x7d]) });
    await stop();
    const again = await startTestServer({ folder });
    expect((await send(again.address, usual)).repeat).toBe(true);
    expect((await send(again.address, other)).repeat).toBe(true);
    expect((await again.client.getStatus({})).head).toBe(1n);
  });

  it("is a repeat in a frame, in parts as well", async () => {
    const { address, client } = await startTestServer();
    const appendId = bytes(2, Buffer.from(randomUUID()));
    const call = new RawClient(address).bidi("AppendStream");
    const correlation = (n: number): Buffer => Buffer.of(0x08, n);
    const event = bytes(3, ...usual);
    call.write(bytes(1, correlation(1), bytes(2, appendId, event)));
    call.write(bytes(1, bytes(2, event), correlation(2), bytes(2, appendId)));
    call.end();
    const frames = await call
      .map((frame) => fromBinary(AppendStreamResponseSchema, frame))
      .toArray();
    const outcomes = (frames as AppendStreamResponse[]).flatMap((frame) => frame.outcomes);
    expect(outcomes).toMatchObject([
      { correlation: 1n, outcome: { case: "success", value: { repeat: false } } },
      { correlation: 2n, outcome: { case: "success", value: { repeat: true } } },
    ]);
    expect((await client.getStatus({})).head).toBe(1n);
  });

  it("is refused if a field has a type that it does not have", async () => {
    const { address, client } = await startTestServer();
    const wrong = bytes(3, stream, bytes(2, id, type, data, Buffer.of(0x18, 1)));
    const failed = await rawFailureOf(new RawClient(address).unary("Append", wrong));
    expect(failed.reason).toBe("MALFORMED_REQUEST");
    expect((await client.getStatus({})).head).toBe(0n);
  });
});

/** An encoded field. */
function bytes(field: number, ...parts: Buffer[]): Buffer {
  const writer = new BinaryWriter().tag(field, WireType.LengthDelimited);
  return Buffer.from(writer.bytes(Buffer.concat(parts)).finish());
}

describe("an append id with other content", () => {
  const changes: [string, (request: AppendInit) => AppendInit][] = [
    ["another event", (r) => ({ ...r, events: newEvents("s", 2) })],
    ["one event more", (r) => ({ ...r, events: [...r.events, newEvent("s")] })],
    ["the events in another order", (r) => ({ ...r, events: r.events.toReversed() })],
    ["another condition", (r) => ({ ...r, conditions: [noStream("t")] })],
    ["no condition", ({ conditions: _, ...r }) => r],
  ];
  it.each(changes)("is refused: %s", async (_, change) => {
    const { client } = await startTestServer();
    const request = identified({ conditions: [noStream("s")] });
    await client.append(request);
    await expectFailure(client.append(change(request)), "APPEND_ID_REUSED");
    expect((await client.getStatus({})).head).toBe(2n);
    expect((await client.append(request)).repeat).toBe(true);
  });

  it("is refused after a restart, too", async () => {
    const server = await startTestServer();
    const request = identified();
    await server.client.append(request);
    await server.stop();
    const { client } = await startTestServer({ folder: server.folder });
    const other = { ...request, events: newEvents("s", 1) };
    await expectFailure(client.append(other), "APPEND_ID_REUSED");
  });

  it("in flight at the same time, one is stored and the others are refused", async () => {
    const { client } = await startTestServer();
    const appendId = randomUUID();
    const results = await Promise.allSettled(
      range(1, 20).map(() => client.append({ appendId, events: [newEvent("s")] })),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(19);
    for (const { reason } of refused) expectReason(fromConnect(reason), "APPEND_ID_REUSED");
    expect((await client.getStatus({})).head).toBe(1n);
  });
});
