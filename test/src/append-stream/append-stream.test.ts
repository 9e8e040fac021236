import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AppendCall, type Numbered, type Outcome } from "../support/append-call.js";
import { expectReason } from "../support/failure.js";
import { range, read, replay } from "../support/frames.js";
import { type AppendInit, atRevision, newEvent, newEvents, noStream } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

function numbered(appends: readonly AppendInit[]): Numbered[] {
  return appends.map((append, n) => ({ correlation: BigInt(n), append }));
}

function one(stream: string, ...conditions: NonNullable<AppendInit["conditions"]>): AppendInit {
  return { events: [newEvent(stream)], conditions };
}

function correlations(outcomes: readonly Outcome[]): number[] {
  return outcomes.map(({ correlation }) => Number(correlation));
}

function byCorrelation(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.toSorted((a, b) => Number(a.correlation - b.correlation));
}

describe("AppendStream", () => {
  it("answers every append of one frame", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    call.send(...numbered(range(0, 499).map((n) => one(`s-${n}`))));
    const outcomes = byCorrelation(await call.outcomes(500));
    expect(correlations(outcomes)).toEqual(range(0, 499));
    expect(outcomes.map(({ success }) => Number(success?.firstPosition))).toEqual(range(1, 500));
  });

  it("answers every append of many frames", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    for (const append of numbered(range(0, 999).map(() => one("s")))) call.send(append);
    const outcomes = byCorrelation(await call.outcomes(1000));
    expect(correlations(outcomes)).toEqual(range(0, 999));
    expect(outcomes.map(({ success }) => Number(success?.lastPosition))).toEqual(range(1, 1000));
  });

  it("answers as it goes, without waiting for the end", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    for (const n of range(0, 19)) {
      call.send({ correlation: BigInt(n), append: one("s") });
      expect(await call.outcomes(1)).toMatchObject([
        { correlation: BigInt(n), success: { firstPosition: BigInt(n + 1) } },
      ]);
    }
    call.end();
    expect(await call.rest()).toEqual([]);
  });

  it("tells each append its streams, its time and whether it is a repeat", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    const append = { appendId: randomUUID(), events: [...newEvents("a", 2), newEvent("b")] };
    call.send(...numbered([append, append]));
    const [first, second] = byCorrelation(await call.outcomes(2));
    expect(first?.success).toMatchObject({
      firstPosition: 1n,
      lastPosition: 3n,
      streams: [
        { stream: "a", lastRevision: 1n },
        { stream: "b", lastRevision: 0n },
      ],
      repeat: false,
    });
    expect(first?.success?.recordedAt).toBeDefined();
    expect(second?.success).toEqual({ ...first?.success, repeat: true });
  });

  it("goes on after appends that failed", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    const appends = [
      one("a", noStream("a")),
      one("a", noStream("a")), // refused: the first is before it
      one("b"),
      one("a", atRevision("a", 0)),
      { events: [] }, // breaks a rule
      one("b", atRevision("a", 1)),
    ];
    call.send(...numbered(appends.slice(0, 3)));
    call.send(...numbered(appends).slice(3));
    call.end();
    const outcomes = byCorrelation(await call.rest());
    expect(outcomes.map(({ success }) => success?.firstPosition)).toEqual([
      1n,
      undefined,
      2n,
      3n,
      undefined,
      4n,
    ]);
    const [, conflict, , , invalid] = outcomes.map(({ failure }) => failure);
    if (!conflict || !invalid) throw new Error("two appends must have failed");
    expectReason(conflict, "CONDITION_FAILED");
    expect(conflict.conditions).toMatchObject({
      head: expect.any(BigInt),
      violations: [{ condition: 0, found: { case: "stream", value: { actualRevision: 0n } } }],
    });
    expectReason(invalid, "INVALID_REQUEST");
    expect(invalid.fields).toEqual(["events"]);
  });

  it("keeps any correlation number, even one that is used twice", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    const numbers = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 7n, 7n];
    call.send(...numbers.map((correlation) => ({ correlation, append: one("s") })));
    call.send({ correlation: -5n, append: { events: [] } });
    const outcomes = await call.outcomes(8);
    const received = outcomes.map(({ correlation }) => correlation);
    expect(received.toSorted(ascending)).toEqual([...numbers, -5n].toSorted(ascending));
  });

  it("decides in the order in which the appends were sent", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    // Each is stored only if the one before it was.
    const chain = range(0, 399).map((n) =>
      one("chain", n === 0 ? noStream("chain") : atRevision("chain", n - 1)),
    );
    const appends = numbered(chain);
    for (let start = 0; start < 400; start += 7) call.send(...appends.slice(start, start + 7));
    const outcomes = byCorrelation(await call.outcomes(400));
    expect(outcomes.filter(({ failure }) => failure)).toEqual([]);
    expect(outcomes.map(({ success }) => Number(success?.firstPosition))).toEqual(range(1, 400));
  });

  it("takes appends to several workspaces in one call", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    const workspaces = ["", "blue", "green", "blue"];
    call.send(...numbered(workspaces.map((workspace) => ({ ...one("s"), workspace }))));
    const outcomes = byCorrelation(await call.outcomes(4));
    expect(outcomes.map(({ success }) => success?.firstPosition)).toEqual([1n, 1n, 1n, 2n]);
  });

  it("answers everything that was sent before the half-close, and ends", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    for (const append of numbered(range(0, 799).map(() => one("s")))) call.send(append);
    call.end();
    const outcomes = await call.rest();
    expect(correlations(byCorrelation(outcomes))).toEqual(range(0, 799));
    expect((await client.getStatus({})).head).toBe(800n);
  });

  it("ends at once if nothing is sent", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    call.end();
    expect(await call.rest()).toEqual([]);
  });

  it("takes more appends than it holds unanswered, from a client that reads late", async () => {
    const { client } = await startTestServer();
    const call = new AppendCall(client);
    const appends = numbered(range(0, 9999).map((n) => one(`s-${n % 10}`)));
    for (let start = 0; start < 10_000; start += 500)
      call.send(...appends.slice(start, start + 500));
    call.end();
    const outcomes = await call.rest();
    expect(correlations(byCorrelation(outcomes))).toEqual(range(0, 9999));
    expect(outcomes.filter(({ failure }) => failure)).toEqual([]);
  });

  it("stores the events of two calls side by side, each in its order", async () => {
    const { client, connect } = await startTestServer();
    const calls = [new AppendCall(client), new AppendCall(connect())];
    for (const n of range(0, 299)) {
      for (const [i, call] of calls.entries()) {
        call.send({ correlation: BigInt(n), append: { events: newEvents(`call-${i}`, 2) } });
      }
    }
    const all = await Promise.all(calls.map((call) => call.outcomes(300)));
    for (const outcomes of all) {
      const first = byCorrelation(outcomes).map(({ success }) => Number(success?.firstPosition));
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }
    expect((await replay(client)).events.map(({ position }) => Number(position))).toEqual(
      range(1, 1200),
    );
  });

  it("leaves every answered append stored if the client cancels in the middle", async () => {
    const { client, connect } = await startTestServer();
    const appends = range(0, 399).map((n) => ({ ...one(`s-${n}`), appendId: randomUUID() }));
    const call = new AppendCall(client);
    for (const append of numbered(appends)) call.send(append);
    const answered = await call.outcomes(50);
    call.cancel();
    const other = connect();
    for (const { correlation } of answered) {
      expect((await read(other, { stream: `s-${correlation}` })).events).toHaveLength(1);
    }
    // A retry settles the rest: each is stored exactly once.
    const retry = new AppendCall(other);
    retry.send(...numbered(appends));
    const outcomes = await retry.outcomes(400);
    expect(outcomes.filter(({ failure }) => failure)).toEqual([]);
    expect(outcomes.filter(({ success }) => success?.repeat).length).toBeGreaterThanOrEqual(50);
    expect((await other.getStatus({})).head).toBe(400n);
  });
});

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
