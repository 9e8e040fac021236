import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { EventSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { positions, range, read, replay, revisions, timeOf } from "../support/frames.js";
import { newEvent, newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

describe("append", () => {
  it("gives the first event of a log position 1 and revision 0", async () => {
    const { client } = await startTestServer();
    const answer = await client.append({ events: [newEvent("order-1")] });
    expect(answer).toMatchObject({ firstPosition: 1n, lastPosition: 1n, repeat: false });
    expect(answer.streams).toMatchObject([
      { stream: "order-1", firstRevision: 0n, lastRevision: 0n },
    ]);
  });

  it("goes on with positions and revisions without gaps", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("order-1", 3) });
    const answer = await client.append({ events: newEvents("order-1", 2) });
    expect(answer).toMatchObject({ firstPosition: 4n, lastPosition: 5n });
    expect(answer.streams).toMatchObject([{ firstRevision: 3n, lastRevision: 4n }]);
    const { events } = await replay(client);
    expect(positions(events)).toEqual(range(1, 5));
    expect(revisions(events)).toEqual(range(0, 4));
  });

  it("counts revisions per stream and positions over all streams", async () => {
    const { client } = await startTestServer();
    for (const stream of ["a", "b", "a", "b", "b"]) {
      await client.append({ events: [newEvent(stream)] });
    }
    const { events } = await replay(client);
    expect(positions(events)).toEqual(range(1, 5));
    expect(events.map(({ stream, revision }) => `${stream}@${revision}`)).toEqual([
      "a@0",
      "b@0",
      "a@1",
      "b@1",
      "b@2",
    ]);
  });

  it("keeps the order of an append that mixes streams, and tells the range of each", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("b", 2) });
    const mixed = ["a", "b", "c", "b", "a", "a"].map((stream) => newEvent(stream));
    const answer = await client.append({ events: mixed });
    expect(answer).toMatchObject({ firstPosition: 3n, lastPosition: 8n });
    expect(answer.streams).toMatchObject([
      { stream: "a", firstRevision: 0n, lastRevision: 2n },
      { stream: "b", firstRevision: 2n, lastRevision: 3n },
      { stream: "c", firstRevision: 0n, lastRevision: 0n },
    ]);
    const { events } = await replay(client, { fromPosition: 3n });
    expect(events.map((event) => event.event?.id)).toEqual(mixed.map(({ event }) => event?.id));
  });

  it("records whole milliseconds by the server's clock, the same for all events of an append", async () => {
    const { client } = await startTestServer();
    const beforeMs = Date.now();
    const answer = await client.append({ events: newEvents("s", 3) });
    const afterMs = Date.now();
    expect((answer.recordedAt?.nanos ?? 1) % 1_000_000).toBe(0);
    expect(timeOf(answer)).toBeGreaterThanOrEqual(beforeMs);
    expect(timeOf(answer)).toBeLessThanOrEqual(afterMs);
    const { events } = await replay(client);
    expect(events.map(timeOf)).toEqual(Array(3).fill(timeOf(answer)));
  });

  it("never lets the time run backwards from one position to the next", async () => {
    const { client } = await startTestServer();
    const appends = range(1, 200).map((n) => client.append({ events: [newEvent(`s-${n % 7}`)] }));
    await Promise.all(appends);
    const times = (await replay(client)).events.map(timeOf);
    expect(times).toHaveLength(200);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("keeps the events of concurrent appends together and in order", async () => {
    const { client } = await startTestServer();
    const answers = await Promise.all(
      range(0, 99).map((n) => client.append({ events: newEvents(`s-${n}`, 5) })),
    );
    const { events } = await replay(client);
    expect(positions(events)).toEqual(range(1, 500));
    for (const [n, answer] of answers.entries()) {
      const own = events.slice(Number(answer.firstPosition) - 1, Number(answer.lastPosition));
      expect(own.map((event) => event.stream)).toEqual(Array(5).fill(`s-${n}`));
      expect(revisions(own)).toEqual(range(0, 4));
    }
  });

  it("serves every field of an event as it was sent", async () => {
    const { client } = await startTestServer();
    const sent = {
      id: "0197E0A2-5c1e-7cc4-9d0b-6f2a1d3c4b5a",
      type: "Bestellung.Versandt✓",
      data: Uint8Array.from({ length: 256 }, (_, i) => i),
      contentType: "application/octet-stream",
      metadata: '{ "correlationId": "c-1",  "actor": "ünï" }',
      tags: ["customer:42", "zone:nord", "customer:42"],
    };
    await client.append({ events: [newEvent("order-ä", sent)] });
    const { events } = await read(client, { stream: "order-ä" });
    expect(events[0]?.event).toMatchObject(sent);
  });

  it("serves fields that the server does not know", async () => {
    const { client } = await startTestServer();
    const event = create(EventSchema, { id: randomUUID(), type: "t" });
    event.$unknown = [{ no: 99, wireType: 2, data: Uint8Array.of(3, 1, 2, 3) }];
    await client.append({ events: [{ stream: "s", event }] });
    const { events } = await read(client, { stream: "s" });
    expect(events[0]?.event).toEqual(event);
  });

  it("shows an acknowledged append to every reader at once", async () => {
    const { client, connect } = await startTestServer();
    const other = connect();
    for (const n of range(1, 50)) {
      await client.append({ events: [newEvent("s")] });
      expect((await other.getStatus({})).head).toBe(BigInt(n));
      expect((await read(other, { stream: "s" })).events).toHaveLength(n);
    }
  });

  it("goes on after a restart where it was", async () => {
    const first = await startTestServer();
    await first.client.append({ events: newEvents("s", 3) });
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    const answer = await client.append({ events: [newEvent("s"), newEvent("t")] });
    expect(answer).toMatchObject({ firstPosition: 4n, lastPosition: 5n });
    expect(answer.streams).toMatchObject([
      { stream: "s", firstRevision: 3n },
      { stream: "t", firstRevision: 0n },
    ]);
  });
});

describe("workspaces", () => {
  it("have positions, revisions and streams of their own", async () => {
    const { client } = await startTestServer();
    for (const workspace of ["", "blue", "green"]) {
      const answer = await client.append({ workspace, events: newEvents("s", 2) });
      expect(answer).toMatchObject({ firstPosition: 1n, lastPosition: 2n });
      expect(answer.streams).toMatchObject([{ firstRevision: 0n, lastRevision: 1n }]);
    }
    await client.append({ workspace: "blue", events: [newEvent("only-blue")] });
    expect((await client.getStatus({ workspace: "blue" })).head).toBe(3n);
    expect((await client.getStatus({ workspace: "green" })).head).toBe(2n);
    expect(await client.getStream({ workspace: "green", stream: "only-blue" })).toMatchObject({
      exists: false,
    });
    expect((await replay(client, { workspace: "green" })).events).toHaveLength(2);
  });

  it('take an empty name for "default"', async () => {
    const { client } = await startTestServer();
    await client.append({ events: [newEvent("s")] });
    await client.append({ workspace: "default", events: [newEvent("s")] });
    expect(await client.getStatus({})).toMatchObject({ workspace: "default", head: 2n });
  });

  it("do not share append ids", async () => {
    const { client } = await startTestServer();
    const appendId = randomUUID();
    for (const workspace of ["blue", "green"]) {
      const answer = await client.append({ workspace, appendId, events: [newEvent("s")] });
      expect(answer).toMatchObject({ firstPosition: 1n, repeat: false });
    }
  });

  it("are still apart after a restart", async () => {
    const first = await startTestServer();
    await first.client.append({ workspace: "blue", events: newEvents("s", 3) });
    await first.client.append({ events: newEvents("s", 1) });
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    expect((await client.getStatus({ workspace: "blue" })).head).toBe(3n);
    expect((await client.getStatus({})).head).toBe(1n);
  });

  it("take every name that keeps the rules", async () => {
    const { client } = await startTestServer();
    for (const workspace of ["a", "0", "a-b_c", "x".repeat(63)]) {
      await client.append({ workspace, events: [newEvent("s")] });
      expect((await client.getStatus({ workspace })).workspace).toBe(workspace);
    }
  });
});
