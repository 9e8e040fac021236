import { randomUUID } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { ReplayRequestSchema, SubscribeRequestSchema, SubscriptionStart } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { AppendCall } from "../support/append-call.js";
import { ChildServer } from "../support/child-server.js";
import { connect, type StoreClient } from "../support/client.js";
import { temporaryFolder } from "../support/folder.js";
import { positions, range, replay } from "../support/frames.js";
import { NetworkPath } from "../support/network-path.js";
import { RawClient } from "../support/raw-client.js";
import { largeEvents, newEvent, newEvents } from "../support/requests.js";
import { Subscription } from "../support/subscription.js";

/**
 * What the server may have in memory whatever its clients do, MiB. It holds some 150
 * itself, table files that it has mapped included; one copy of the log for each
 * consumer would be more than 700.
 */
const MEMORY_MIB_MAX = 500;
const CONSUMERS = 10;

/** Appends so many MB in events of 100 kB. */
async function grow(client: StoreClient, megabytes: number): Promise<void> {
  for (const _ of range(1, megabytes / 2)) {
    await client.append({ events: largeEvents("s", 20, 100_000) });
  }
}

/** Starts to subscribe and to replay, each on a connection of its own, and reads one frame. */
async function startConsumers(address: string, count: number): Promise<void> {
  const subscribe = toBinary(SubscribeRequestSchema, create(SubscribeRequestSchema));
  const replayAll = toBinary(ReplayRequestSchema, create(ReplayRequestSchema));
  const started = range(1, count).map(async (n) => {
    const raw = new RawClient(address);
    const call =
      n % 2 === 0
        ? raw.serverStream("Subscribe", subscribe)
        : raw.serverStream("Replay", replayAll);
    call.on("error", () => {
      // It is cut off in the end.
    });
    await new Promise((resolve) => {
      call.once("data", resolve);
    });
    call.pause();
  });
  await Promise.all(started);
}

describe.skipIf(process.platform !== "linux")("consumers that never read", () => {
  it("cost the server little, hold up nobody, and do not keep it from stopping", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const client = connect(server.address);
    await grow(client, 50);
    await startConsumers(server.address, CONSUMERS);
    const start = { case: "at", value: SubscriptionStart.END } as const;
    const live = new Subscription(connect(server.address), { start });
    await live.until("caughtUp");
    for (const _ of range(1, 2)) {
      await grow(client, 10);
      expect(await server.memoryMiB()).toBeLessThan(MEMORY_MIB_MAX);
    }
    await live.untilEvents(200);
    expect(positions(live.events)).toEqual(range(501, 700));
    const { events } = await replay(connect(server.address), { limit: 100n });
    expect(positions(events)).toEqual(range(1, 100));
    expect(await server.memoryMiB()).toBeLessThan(MEMORY_MIB_MAX);
    expect(await server.stop()).toBe(0);
  });

  it("behind a network that takes nothing are no different", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const client = connect(server.address);
    await grow(client, 20);
    const path = await NetworkPath.start(server.address);
    await startConsumers(path.address, CONSUMERS);
    path.block();
    await grow(client, 20);
    expect(await server.memoryMiB()).toBeLessThan(MEMORY_MIB_MAX);
    expect((await client.getStatus({})).head).toBe(400n);
    expect(await server.stop()).toBe(0);
  }, 30_000);
});

describe.skipIf(process.platform !== "linux")("an AppendStream whose outcomes are not read", () => {
  it("is not read further by the server, and goes on when they are", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    const call = new AppendCall(connect(server.address));
    const count = 8000;
    // Outcomes tell the streams: long names make them large.
    const streams = ["a", "b", "c"].map((letter) => letter.repeat(500));
    for (let n = 0; n < count; n += 100) {
      const appends = range(n, n + 99).map((i) => ({
        correlation: BigInt(i),
        append: { appendId: randomUUID(), events: streams.map((stream) => newEvent(stream)) },
      }));
      call.send(...appends);
    }
    call.end();
    const client = connect(server.address);
    const total = BigInt(count * streams.length);
    expect(await settledHead(client)).toBeLessThan(total);
    expect(await server.memoryMiB()).toBeLessThan(MEMORY_MIB_MAX);
    const outcomes = await call.rest();
    expect(outcomes.filter(({ success }) => success)).toHaveLength(count);
    expect((await client.getStatus({})).head).toBe(total);
    expect(await server.memoryMiB()).toBeLessThan(MEMORY_MIB_MAX);
  });
});

/** The head once it has moved, and then stayed where it is over many calls. */
async function settledHead(client: StoreClient): Promise<bigint> {
  let last = 0n;
  for (let calls = 0; calls < 50; ) {
    const { head } = await client.getStatus({});
    calls = head > 0n && head === last ? calls + 1 : 0;
    last = head;
  }
  return last;
}

describe("clients that vanish", () => {
  it("leave nothing behind that a stop would wait for", async () => {
    // A call that is still open would make it wait for longer than the test.
    const flags = { "stop-grace-seconds": "3600" };
    const server = await ChildServer.start(await temporaryFolder(), { flags });
    const client = connect(server.address);
    await grow(client, 20);
    const path = await NetworkPath.start(server.address);
    await startConsumers(path.address, CONSUMERS);
    const call = new AppendCall(connect(path.address));
    for (const n of range(0, 9999)) {
      call.send({ correlation: BigInt(n), append: { events: newEvents("s", 1) } });
    }
    await call.outcomes(10);
    path.cut();
    await client.append({ events: [newEvent("s")] });
    expect(await server.stop()).toBe(0);
  });
});
