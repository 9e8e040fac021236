import { describe, expect, it } from "vitest";
import { at, events, fellBehind, gist, scripted } from "../test-support/scripted-subscription.js";
import {
  clientOf,
  collect,
  deferred,
  rejectionOf,
  unavailable,
  untilCancelled,
} from "../test-support/service.js";

describe("subscribe", () => {
  it("yields every kind of frame", async () => {
    const service = scripted(async function* ({ context }) {
      yield events(1, 2);
      yield at("checkpoint", 5n);
      yield at("caughtUp", 6n);
      yield fellBehind(6n, 9n);
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

  it("yields events one by one, and counts each once the next is asked for", async () => {
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
      [1n, 0n],
      [2n, 1n],
      [6n, 5n],
    ]);
    expect(subscription.position).toBe(5n);
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

// A handler threw, the program resumed after `subscription.position`, and the event that
// had not been handled was never seen again.
describe("subscribe: a position that is safe to resume after", () => {
  const service = () =>
    scripted(async function* ({ context }) {
      yield events(1, 3);
      yield at("checkpoint", 5n);
      yield at("heartbeat", 7n);
      yield events(8, 9);
      await untilCancelled(context.signal);
    });

  it.each([1n, 2n, 8n])("does not count event %d, whose handler threw", async (bad) => {
    await using client = clientOf(service());
    const subscription = client.subscribe();
    const failed = new Error("no");
    const handling = (async () => {
      for await (const { position } of subscription) if (position === bad) throw failed;
    })();
    expect(await rejectionOf(handling)).toBe(failed);
    expect(subscription.position).toBe(bad - 1n);
  });

  it.each(["confirmed 0", "events 3", "heartbeat 7"])(
    "does not count the frame %j, whose handler threw, but those before",
    async (bad) => {
      await using client = clientOf(service());
      const subscription = client.subscribe();
      let before: bigint | undefined;
      for await (const frame of subscription.frames()) {
        if (gist(frame) === bad) break;
        before = frame.position;
      }
      expect(subscription.position).toBe(before);
    },
  );

  it("counts all events of a batch when more is asked for, before there is more", async () => {
    const silent = scripted(async function* ({ context }) {
      yield events(1, 3);
      await untilCancelled(context.signal);
    });
    await using client = clientOf(silent);
    const subscription = client.subscribe();
    const iterator = subscription[Symbol.asyncIterator]();
    for (const _ of [1, 2, 3]) await iterator.next();
    expect(subscription.position).toBe(2n);
    const next = iterator.next();
    expect(subscription.position).toBe(3n);
    await iterator.return?.();
    await next;
    expect(subscription.position).toBe(3n);
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
