import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { UnreachableError } from "../errors.js";
import { at, events, gist, scripted } from "../test-support/scripted-subscription.js";
import {
  clientOf,
  collect,
  QUICK,
  rejectionOf,
  statusError,
  unavailable,
  untilCancelled,
} from "../test-support/service.js";

describe("subscribe: lost connections", () => {
  it.each([
    ["the connection is lost", unavailable],
    ["the server stops", () => statusError(Code.Unavailable, "SERVER_STOPPING")],
    ["the server ends the call", () => undefined],
  ])("goes on without gap or repeat when %s", async (_, reason) => {
    const service = scripted(async function* ({ after, context }) {
      const from = Number(after) + 1;
      yield events(from, from + 1);
      if (from < 7) {
        const error = reason();
        if (error !== undefined) throw error;
        return;
      }
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const frames = await collect(client.subscribe().frames(), 8);
    expect(frames.map(gist)).toEqual([
      "confirmed 0",
      "events 2",
      "reconnected 2",
      "events 4",
      "reconnected 4",
      "events 6",
      "reconnected 6",
      "events 8",
    ]);
  });

  it.each(["checkpoint", "caughtUp", "heartbeat"] as const)("resumes after a %s", async (kind) => {
    const service = scripted(async function* ({ number, context }) {
      if (number === 1) {
        yield events(1, 2);
        yield at(kind, 9n);
        throw unavailable();
      }
      yield events(10, 10);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    await collect(client.subscribe(), 3);
    expect(service.requests[1]?.start).toEqual({ case: "after", value: 9n });
  });

  it("resumes from where the log ended when it started at the end", async () => {
    let calls = 0;
    const starts: unknown[] = [];
    await using client = clientOf({
      async *subscribe({ start }, context) {
        starts.push(start);
        calls += 1;
        yield { frame: { case: "confirmed", value: { after: 12n, head: 12n } } };
        if (calls === 1) throw unavailable();
        yield events(13, 13);
        await untilCancelled(context.signal);
      },
    });
    const [event] = await collect(client.subscribe({ start: "end" }), 1);
    expect(event?.position).toBe(13n);
    expect(starts[1]).toEqual({ case: "after", value: 12n });
  });

  it("drops events that the server repeats", async () => {
    const service = scripted(async function* ({ context }) {
      yield events(1, 3);
      yield events(1, 3);
      yield events(3, 5);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const seen = await collect(client.subscribe(), 5);
    expect(seen.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it("goes on for ever once it stood", async () => {
    let calls = 0;
    await using client = clientOf({
      async *subscribe(_, context) {
        calls += 1;
        if (calls > 1 && calls < 30) throw unavailable();
        yield { frame: { case: "confirmed", value: { after: 0n, head: 0n } } };
        if (calls === 1) throw unavailable();
        yield events(1, 1);
        await untilCancelled(context.signal);
      },
    });
    expect(await collect(client.subscribe(), 1)).toHaveLength(1);
    expect(calls).toBe(30);
  });

  it("gives up if it never stood", async () => {
    let calls = 0;
    await using client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *subscribe() {
        calls += 1;
        throw unavailable();
      },
    });
    expect(await rejectionOf(collect(client.subscribe()))).toBeInstanceOf(UnreachableError);
    expect(calls).toBe(QUICK.attempts);
  });

  it("rejects with any other error", async () => {
    const service = scripted(async function* ({ number }) {
      if (number === 1) {
        yield events(1, 1);
        throw unavailable();
      }
      throw statusError(Code.OutOfRange, "POSITION_AHEAD_OF_HEAD", "no such position");
    });
    await using client = clientOf(service);
    expect(await rejectionOf(collect(client.subscribe()))).toMatchObject({
      code: "OUT_OF_RANGE",
      reason: "POSITION_AHEAD_OF_HEAD",
    });
  });

  it("replaces a connection on which nothing is heard", async () => {
    const service = scripted(async function* ({ after, number, context }) {
      if (after === 0n) yield events(1, 1);
      else if (number > 2) yield events(2, 2);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const subscription = client.subscribe({ heartbeatIntervalMs: 100 });
    const seen = await collect(subscription, 2);
    expect(seen.map(({ position }) => position)).toEqual([1n, 2n]);
    expect(service.requests.length).toBeGreaterThanOrEqual(3);
  });

  it("gives up on a server that takes calls and never answers", async () => {
    await using client = clientOf(
      {
        // biome-ignore lint/correctness/useYield: it never answers
        async *subscribe(_, context) {
          await untilCancelled(context.signal);
        },
      },
      { retry: { ...QUICK, attempts: 2 } },
    );
    const error = await rejectionOf(collect(client.subscribe({ heartbeatIntervalMs: 100 })));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(String(error)).toContain("nothing was heard for 300 ms");
  });

  it("does not take its own slowness for a dead connection", async () => {
    const service = scripted(async function* ({ context }) {
      yield events(1, 1);
      yield events(2, 2);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const kinds: string[] = [];
    for await (const { kind, position } of client
      .subscribe({ heartbeatIntervalMs: 100 })
      .frames()) {
      kinds.push(kind);
      if (position === 2n) break;
      if (position === 1n) await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    expect(kinds).toEqual(["confirmed", "events", "events"]);
  });
});
