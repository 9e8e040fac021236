import { Code, type HandlerContext } from "@connectrpc/connect";
import type { SubscribeRequest } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { UnreachableError } from "../errors.js";
import {
  clientOf,
  collect,
  deferred,
  QUICK,
  recordedRange,
  rejectionOf,
  type Service,
  statusError,
  unavailable,
  untilCancelled,
} from "../test-support/service.js";
import type { SubscriptionFrame } from "../types.js";

type Script = (connection: Connection) => ReturnType<NonNullable<Service["subscribe"]>>;

interface Connection {
  readonly request: SubscribeRequest;
  readonly context: HandlerContext;
  /** 1, 2, 3 … */
  readonly number: number;
  readonly after: bigint;
}

/** Answers each connection with `confirmed`, and then by the script. */
function scripted(script: Script): Service & { readonly requests: SubscribeRequest[] } {
  const requests: SubscribeRequest[] = [];
  return {
    requests,
    async *subscribe(request, context) {
      requests.push(request);
      const after = request.start.case === "after" ? request.start.value : 0n;
      yield { frame: { case: "confirmed", value: { after, head: 20n } } };
      yield* script({ request, context, number: requests.length, after });
    },
  };
}

function events(from: number, to: number) {
  return { frame: { case: "events", value: { events: recordedRange(from, to) } } } as const;
}

function at(kind: "caughtUp" | "checkpoint" | "heartbeat", position: bigint) {
  return { frame: { case: kind, value: { position } } } as const;
}

/** What a frame is and where, without its events. */
function gist({ kind, position }: SubscriptionFrame): string {
  return `${kind} ${position}`;
}

describe("subscribe", () => {
  it("yields every kind of frame", async () => {
    const service = scripted(async function* ({ context }) {
      yield events(1, 2);
      yield at("checkpoint", 5n);
      yield at("caughtUp", 6n);
      yield { frame: { case: "fellBehind", value: { position: 6n, head: 9n } } };
      yield at("heartbeat", 9n);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const frames = await collect(client.subscribe().frames(), 6);
    expect(frames.map(gist)).toEqual([
      "confirmed 0",
      "events 2",
      "checkpoint 5",
      "caught-up 6",
      "fell-behind 6",
      "heartbeat 9",
    ]);
    expect(frames[0]).toEqual({ kind: "confirmed", position: 0n, head: 20n });
    expect(frames[4]).toEqual({ kind: "fell-behind", position: 6n, head: 9n });
    expect(frames[1]).toMatchObject({ events: [{ data: { n: 1 } }, { data: { n: 2 } }] });
  });

  it("yields events one by one, and knows its position", async () => {
    const service = scripted(async function* ({ context }) {
      yield events(1, 2);
      yield at("checkpoint", 5n);
      yield events(6, 6);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const subscription = client.subscribe();
    expect(subscription.position).toBeUndefined();
    const positions: unknown[] = [];
    for await (const { position } of subscription) {
      positions.push([position, subscription.position]);
      if (position === 6n) break;
    }
    expect(positions).toEqual([
      [1n, 1n],
      [2n, 2n],
      [6n, 6n],
    ]);
    expect(subscription.position).toBe(6n);
  });

  it.each([
    ["the beginning", undefined, "at", 1],
    ["the end", "end", "at", 2],
    ["after a position", { after: 7n }, "after", 7n],
  ] as const)("starts from %s", async (_, start, kind, value) => {
    const service = scripted(async function* ({ context }) {
      await untilCancelled(context.signal);
      yield events(1, 1);
    });
    await using client = clientOf(service);
    const options = { filter: { types: ["order.*"] }, heartbeatIntervalMs: 500 };
    await collect(client.subscribe(start ? { ...options, start } : options).frames(), 1);
    expect(service.requests[0]).toMatchObject({
      start: { case: kind, value },
      filter: { anyOf: [{ types: ["order.*"] }] },
      heartbeatInterval: { seconds: 0n, nanos: 500_000_000 },
    });
  });

  it("refuses wrong options at once", async () => {
    await using client = clientOf({});
    expect(() => client.subscribe({ heartbeatIntervalMs: 99 })).toThrow(RangeError);
    expect(() => client.subscribe({ start: { after: -1n } })).toThrow(RangeError);
  });

  it("can be iterated once", async () => {
    await using client = clientOf({});
    const subscription = client.subscribe();
    subscription.frames();
    expect(() => subscription[Symbol.asyncIterator]()).toThrow(TypeError);
  });
});

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
    const service = scripted(async function* ({ number, context }) {
      if (number === 1) yield events(1, 1);
      if (number === 3) yield events(2, 2);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const frames = await collect(client.subscribe({ heartbeatIntervalMs: 100 }).frames(), 5);
    expect(frames.map(gist)).toEqual([
      "confirmed 0",
      "events 1",
      "reconnected 1",
      "reconnected 1",
      "events 2",
    ]);
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
    for await (const { kind, position } of client.subscribe({ heartbeatIntervalMs: 100 }).frames()) {
      kinds.push(kind);
      if (position === 2n) break;
      if (position === 1n) await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(kinds).toEqual(["confirmed", "events", "events"]);
  });
});

describe("subscribe: ending", () => {
  it("ends without an error when the signal is aborted, in the middle of a frame too", async () => {
    const ended = deferred();
    const service = scripted(async function* ({ context }) {
      context.signal.addEventListener("abort", ended.resolve);
      yield events(1, 3);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    const controller = new AbortController();
    const seen: bigint[] = [];
    const subscription = client.subscribe({ signal: controller.signal });
    for await (const { position } of subscription) {
      seen.push(position);
      if (position === 2n) controller.abort();
    }
    expect(seen).toEqual([1n, 2n]);
    expect(subscription.position).toBe(2n);
    await ended.promise;
  });

  it("ends without an error when the signal is aborted while it waits", async () => {
    const controller = new AbortController();
    const service = scripted(async function* ({ context }) {
      yield events(1, 1);
      setTimeout(() => controller.abort(), 1);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    expect(await collect(client.subscribe({ signal: controller.signal }))).toHaveLength(1);
  });

  it("ends without an error when the signal is aborted between connections", async () => {
    const controller = new AbortController();
    await using client = clientOf(
      {
        // biome-ignore lint/correctness/useYield: it fails before it answers
        async *subscribe() {
          setTimeout(() => controller.abort(), 1);
          throw unavailable();
        },
      },
      { retry: { attempts: 5, baseDelayMs: 1_000_000, maxDelayMs: 1_000_000 } },
    );
    expect(await collect(client.subscribe({ signal: controller.signal }))).toEqual([]);
  });

  it("makes no call if the signal was aborted before", async () => {
    const service = scripted(async function* () {
      yield events(1, 1);
    });
    await using client = clientOf(service);
    expect(await collect(client.subscribe({ signal: AbortSignal.abort() }))).toEqual([]);
    expect(service.requests).toHaveLength(0);
  });

  it("ends without an error when the client is closed", async () => {
    const service = scripted(async function* ({ context }) {
      yield events(1, 1);
      await untilCancelled(context.signal);
    });
    const client = clientOf(service);
    const seen: bigint[] = [];
    for await (const { position } of client.subscribe()) {
      seen.push(position);
      setTimeout(() => void client.close(), 1);
    }
    expect(seen).toEqual([1n]);
  });

  it("ends the call when the loop is left", async () => {
    const ended = deferred();
    const service = scripted(async function* ({ context }) {
      context.signal.addEventListener("abort", ended.resolve);
      yield events(1, 3);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(service);
    await collect(client.subscribe(), 1);
    await ended.promise;
  });
});

describe("subscribe: slow consumers", () => {
  it("asks for no frame before the consumer does", async () => {
    let sent = 0;
    const service = scripted(async function* () {
      for (sent = 1; sent <= 100; sent++) yield events(sent, sent);
    });
    await using client = clientOf(service);
    let most = 0;
    for await (const { position } of client.subscribe()) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, sent - Number(position));
      if (position === 20n) break;
    }
    expect(most).toBeLessThanOrEqual(3);
  });
});
