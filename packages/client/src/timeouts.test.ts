import { once } from "node:events";
import { createRouterTransport } from "@connectrpc/connect";
import { MaintenanceService } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { TimeoutError, UnreachableError } from "./errors.js";
import { createMaintenanceClient } from "./maintenance/client.js";
import {
  clientOf,
  FakeLog,
  recordedRange,
  rejectionOf,
  type Service,
  unavailable,
  untilCancelled,
} from "./test-support/service.js";
import type { CallOptions, EventStoreClient } from "./types.js";

const placed = { type: "order.Placed" };

/** Takes every call, and never answers. */
const silent: Service = {
  // biome-ignore-start lint/correctness/useYield: they never answer
  async *appendStream(_, { signal }) {
    await untilCancelled(signal);
  },
  async *read(_, { signal }) {
    await untilCancelled(signal);
  },
  async *replay(_, { signal }) {
    await untilCancelled(signal);
  },
  async *subscribe(_, { signal }) {
    await untilCancelled(signal);
  },
  // biome-ignore-end lint/correctness/useYield: they never answer
  getStream: async (_, { signal }) => untilCancelled(signal).then(() => ({})),
  listStreams: async (_, { signal }) => untilCancelled(signal).then(() => ({})),
  saveSnapshot: async (_, { signal }) => untilCancelled(signal).then(() => ({})),
  getSnapshot: async (_, { signal }) => untilCancelled(signal).then(() => ({})),
  getStatus: async (_, { signal }) => untilCancelled(signal).then(() => ({})),
};

const snapshot = { stream: "order-1", revision: 0, schemaType: "s", data: {} };

type Make = (client: EventStoreClient, options: CallOptions) => Promise<unknown>;

const calls: readonly (readonly [name: string, make: Make])[] = [
  ["append", (client, options) => client.append("order-1", placed, options)],
  ["appendMany", (client, o) => client.appendMany([{ stream: "order-1", ...placed }], o)],
  ["read", (client, options) => client.read("order-1", options).toArray()],
  ["the header of a read", (client, options) => client.read("order-1", options).header],
  ["replay", (client, options) => client.replay(options)[Symbol.asyncIterator]().next()],
  ["subscribe", (client, options) => client.subscribe(options)[Symbol.asyncIterator]().next()],
  ["getStream", (client, options) => client.getStream("order-1", options)],
  ["listStreams", (client, o) => client.listStreams(o)[Symbol.asyncIterator]().next()],
  ["saveSnapshot", (client, options) => client.saveSnapshot(snapshot, options)],
  ["getSnapshot", (client, options) => client.getSnapshot("order-1", options)],
  ["status", (client, options) => client.status(options)],
];

// A server that took calls and never answered held every one of them for 325 s.
describe("a server that takes calls and never answers", () => {
  it.each(calls)("is given up after the timeout of the client: %s", async (_, make) => {
    await using client = clientOf(silent, { timeoutMs: 50 });
    const error = await rejectionOf(make(client, {}));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", reason: "TIMEOUT", timeoutMs: 50 });
  });

  it.each(calls)("is given up after the timeout of the call: %s", async (_, make) => {
    await using client = clientOf(silent, { timeoutMs: 1_000_000 });
    const error = await rejectionOf(make(client, { timeoutMs: 20 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 20 });
  });

  it.each(calls)("keeps to the caller's own signal: %s", async (_, make) => {
    await using client = clientOf(silent);
    const signal = AbortSignal.timeout(10);
    const over = once(signal, "abort");
    const made = make(client, { signal, timeoutMs: 1_000_000 });
    if (_ === "subscribe") expect(await made).toMatchObject({ done: true });
    else expect(await rejectionOf(made)).toBe(signal.reason);
    await over;
  });

  it.each(calls)("refuses a timeout that is none: %s", async (_, make) => {
    await using client = clientOf(silent);
    const call = (async () => make(client, { timeoutMs: 0 }))();
    expect(await rejectionOf(call)).toBeInstanceOf(RangeError);
  });

  it("is given up by a maintenance client", async () => {
    const transport = createRouterTransport((router) => {
      router.service(MaintenanceService, {
        listWorkspaces: async (_, { signal }) => untilCancelled(signal).then(() => ({})),
        // biome-ignore lint/correctness/useYield: it never answers
        async *backup(_, { signal }) {
          await untilCancelled(signal);
        },
      });
    });
    await using client = createMaintenanceClient(transport, { timeoutMs: 20 });
    expect(await rejectionOf(client.listWorkspaces())).toBeInstanceOf(TimeoutError);
    expect(await rejectionOf(client.listWorkspaces({ timeoutMs: 10 }))).toMatchObject({
      timeoutMs: 10,
    });
    expect(await rejectionOf(client.backup().header)).toBeInstanceOf(TimeoutError);
  });

  it("is told of as unreachable if a try has failed before", async () => {
    let tries = 0;
    await using client = clientOf(
      {
        async getStatus(_, { signal }) {
          tries += 1;
          if (tries === 1) throw unavailable();
          await untilCancelled(signal);
          return {};
        },
      },
      { timeoutMs: 100 },
    );
    expect(await rejectionOf(client.status())).toBeInstanceOf(UnreachableError);
    expect(tries).toBe(2);
  });
});

describe("a timeout of an append", () => {
  it("tells its id, with which it is appended again and stored once", async () => {
    const log = new FakeLog();
    let isSilent = true;
    await using client = clientOf(
      {
        async *appendStream(frames, { signal }) {
          for await (const frame of frames) {
            const outcomes = log.store(frame);
            if (isSilent) await untilCancelled(signal);
            else yield { outcomes };
          }
        },
      },
      { timeoutMs: 50 },
    );
    const error = await rejectionOf(client.append("order-1", placed));
    expect(error).toBeInstanceOf(TimeoutError);
    const { appendId = "" } = (error as TimeoutError).metadata;
    expect(String(error)).toContain(`with the same appendId, ${appendId}`);
    isSilent = false;
    const again = await client.append("order-1", placed, { appendId });
    expect(again).toMatchObject({ repeat: true, firstPosition: 1n });
    expect(log.head).toBe(1n);
  });

  it("does not count what it waits for others that are answered", async () => {
    const log = new FakeLog();
    await using client = clientOf(
      {
        async *appendStream(frames) {
          for await (const frame of frames) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            yield { outcomes: log.store(frame) };
          }
        },
      },
      // All of them take five times as long.
      { timeoutMs: 80, pipeline: { maxInFlightAppends: 1 } },
    );
    await Promise.all(Array.from({ length: 20 }, () => client.append("order-1", placed)));
    expect(log.head).toBe(20n);
  });

  it("replaces a call on which nothing is heard", async () => {
    const log = new FakeLog();
    let opened = 0;
    await using client = clientOf(
      {
        async *appendStream(frames, context) {
          opened += 1;
          if (opened === 1) await untilCancelled(context.signal);
          else yield* log.appendStream(frames, context);
        },
      },
      { timeoutMs: 100, pipeline: { maxInFlightAppends: 1 } },
    );
    expect(await rejectionOf(client.append("order-1", placed))).toBeInstanceOf(TimeoutError);
    expect(await client.append("order-1", placed)).toMatchObject({ firstPosition: 1n });
    expect(opened).toBe(2);
  });

  it("lets an append through that is answered in time, and others besides", async () => {
    const log = new FakeLog();
    await using client = clientOf(log, { timeoutMs: 100 });
    for (let n = 0; n < 20; n++) {
      await client.append("order-1", placed, { timeoutMs: 1_000 });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(log.head).toBe(20n);
  });
});

describe("a timeout of an answer of many frames", () => {
  const header = { case: "header", value: { fromPosition: 1n, toPosition: 9n, head: 9n } } as const;

  it("counts from each frame to the next, and not while the consumer is busy", async () => {
    await using client = clientOf({
      async *replay(_, { signal }) {
        yield { frame: header };
        for (let n = 1; n <= 5; n++) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          yield { frame: { case: "events", value: { events: recordedRange(n, n) } } };
        }
        await untilCancelled(signal);
      },
    });
    const seen: bigint[] = [];
    const replaying = (async () => {
      for await (const { position } of client.replay({ timeoutMs: 100 })) {
        seen.push(position);
        if (position === 2n) await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    expect(await rejectionOf(replaying)).toBeInstanceOf(TimeoutError);
    expect(seen).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it("ends when a subscription stands", async () => {
    await using client = clientOf({
      async *subscribe(_, { signal }) {
        yield { frame: { case: "confirmed", value: { after: 0n, head: 0n } } };
        await new Promise((resolve) => setTimeout(resolve, 150));
        yield { frame: { case: "events", value: { events: recordedRange(1, 1) } } };
        await untilCancelled(signal);
      },
    });
    for await (const { position } of client.subscribe({ timeoutMs: 50 })) {
      expect(position).toBe(1n);
      break;
    }
  });
});
