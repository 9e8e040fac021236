import { randomUUID } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema, AppendResponseSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { expectFailure, expectReason, fromConnect } from "../support/failure.js";
import { range } from "../support/frames.js";
import { RawClient } from "../support/raw-client.js";
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
