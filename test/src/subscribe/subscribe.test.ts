import { SubscriptionStart } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { AppendCall } from "../support/append-call.js";
import { expectFailure, expectReason, fromConnect } from "../support/failure.js";
import { positions, range } from "../support/frames.js";
import { newEvent, newEvents, ofStream } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { Subscription } from "../support/subscription.js";

const beginning = { case: "at", value: SubscriptionStart.BEGINNING } as const;
const end = { case: "at", value: SubscriptionStart.END } as const;
const heartbeatInterval = { seconds: 0n, nanos: 100_000_000 };

function after(position: number): { case: "after"; value: bigint } {
  return { case: "after", value: BigInt(position) };
}

describe("a subscription", () => {
  it("is confirmed first, and once", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 3) });
    const subscription = new Subscription(client);
    expect(await subscription.next()).toMatchObject({
      case: "confirmed",
      value: { after: 0n, head: 3n },
    });
    await subscription.until("caughtUp");
    await client.append({ events: newEvents("s", 3) });
    await subscription.untilEvents(6);
    expect(subscription.kinds.filter((kind) => kind === "confirmed")).toHaveLength(1);
  });

  it.each([
    ["absent", undefined],
    ["unspecified", { case: "at", value: SubscriptionStart.UNSPECIFIED } as const],
    ["the beginning", beginning],
    ["after 0", after(0)],
  ])("starts before the first event: %s", async (_, start) => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 4) });
    const subscription = new Subscription(client, start && { start });
    expect(await subscription.until("confirmed")).toMatchObject({ after: 0n, head: 4n });
    expect(await subscription.until("caughtUp")).toMatchObject({ position: 4n });
    expect(positions(subscription.events)).toEqual([1, 2, 3, 4]);
  });

  it("from the end gets only what is appended later", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 4) });
    const subscription = new Subscription(client, { start: end });
    expect(await subscription.until("confirmed")).toMatchObject({ after: 4n, head: 4n });
    expect(await subscription.until("caughtUp")).toMatchObject({ position: 4n });
    await client.append({ events: newEvents("s", 2) });
    await subscription.untilEvents(2);
    expect(positions(subscription.events)).toEqual([5, 6]);
  });

  it.each([1, 2, 4, 5])("after %i gets what follows", async (position) => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 5) });
    const subscription = new Subscription(client, { start: after(position) });
    expect(await subscription.until("confirmed")).toMatchObject({
      after: BigInt(position),
      head: 5n,
    });
    expect(await subscription.until("caughtUp")).toMatchObject({ position: 5n });
    expect(positions(subscription.events)).toEqual(range(1, 5).slice(position));
  });

  it("after a position beyond the head fails with POSITION_AHEAD_OF_HEAD", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 5) });
    const failed = await expectFailure(
      client.subscribe({ start: after(6) }),
      "POSITION_AHEAD_OF_HEAD",
    );
    expect(failed.metadata).toMatchObject({ position: "6", head: "5" });
  });

  it("of an empty log is caught up at 0, and gets the first event", async () => {
    const { client } = await startTestServer();
    const subscription = new Subscription(client);
    expect(await subscription.until("confirmed")).toMatchObject({ after: 0n, head: 0n });
    expect(await subscription.until("caughtUp")).toMatchObject({ position: 0n });
    await client.append({ events: [newEvent("s")] });
    await subscription.untilEvents(1);
    expect(positions(subscription.events)).toEqual([1]);
  });

  it("says that it is caught up once, and then follows live", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 10) });
    const subscription = new Subscription(client);
    await subscription.until("caughtUp");
    for (let n = 11; n <= 60; n++) {
      await client.append({ events: [newEvent("s")] });
      await subscription.untilEvents(n);
    }
    expect(positions(subscription.events)).toEqual(range(1, 60));
    expect(subscription.kinds.filter((kind) => kind === "caughtUp")).toHaveLength(1);
  });

  it("of one stream gets the events of that stream", async () => {
    const { client } = await startTestServer();
    const both = [newEvent("s-1"), newEvent("s-2")];
    await client.append({ events: both });
    const subscription = new Subscription(client, { filter: { anyOf: [ofStream("s-2")] } });
    await subscription.until("caughtUp");
    await client.append({ events: [newEvent("s-1"), newEvent("s-2"), newEvent("s-1")] });
    await subscription.untilEvents(2);
    expect(positions(subscription.events)).toEqual([2, 4]);
  });

  it("with a filter gets what matches, from the past and live", async () => {
    const { client } = await startTestServer();
    const types = ["a.x", "b.x", "a.y"];
    const mixed = range(0, 8).map((n) => newEvent(`s-${n}`, { type: types[n % 3] as string }));
    await client.append({ events: mixed });
    const subscription = new Subscription(client, { filter: { anyOf: [{ types: ["a.*"] }] } });
    expect(await subscription.until("caughtUp")).toMatchObject({ position: 9n });
    await client.append({ events: mixed });
    await subscription.untilEvents(12);
    expect(positions(subscription.events)).toEqual(range(1, 18).filter((p) => p % 3 !== 2));
  });

  it("gets checkpoints while nothing matches", async () => {
    const { client } = await startTestServer();
    const filter = { anyOf: [{ types: ["rare"] }] };
    const subscription = new Subscription(client, { filter });
    await subscription.until("caughtUp");
    await client.append({ events: newEvents("s", 4000) });
    await client.append({ events: newEvents("s", 4000) });
    const { position } = await subscription.until("checkpoint");
    expect(position).toBeGreaterThan(0n);
    expect(position).toBeLessThanOrEqual(8000n);
    await client.append({ events: [newEvent("s", { type: "rare" })] });
    await subscription.untilEvents(1);
    expect(positions(subscription.events)).toEqual([8001]);
  });

  it("gets heartbeats with a position to resume after when nothing happens", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 3) });
    const filter = { anyOf: [{ types: ["rare"] }] };
    const subscription = new Subscription(client, { heartbeatInterval, filter });
    await subscription.until("caughtUp");
    expect(await subscription.until("heartbeat")).toMatchObject({ position: 3n });
    await client.append({ events: newEvents("s", 2) });
    // One may be on its way from before the append.
    while ((await subscription.until("heartbeat")).position !== 5n);
    await client.append({ events: [newEvent("s", { type: "rare" })] });
    await subscription.untilEvents(1);
    expect(positions(subscription.events)).toEqual([6]);
    expect(await subscription.until("heartbeat")).toMatchObject({ position: 6n });
  });

  it.each([
    ["the shortest", { seconds: 0n, nanos: 100_000_000 }],
    ["the longest", { seconds: 600n, nanos: 0 }],
    ["absent", undefined],
  ])("takes a heartbeat interval: %s", async (_, interval) => {
    const { client } = await startTestServer();
    const request = interval ? { heartbeatInterval: interval } : {};
    await new Subscription(client, request).until("caughtUp");
  });

  it("delivers every event once and in order to each of several, across catch-up and live", async () => {
    const { client, connect } = await startTestServer();
    const total = 12_000;
    await client.append({ events: newEvents("s-0", 4000) });
    const writing = new AppendCall(connect());
    const subscriptions = [new Subscription(connect()), new Subscription(connect())];
    const filter = { anyOf: [{ types: ["even"] }] };
    const filtered = new Subscription(connect(), { filter });
    for (let n = 4001; n <= total; n += 10) {
      const events = range(n, n + 9).map((p) =>
        newEvent(`s-${p % 5}`, { type: p % 2 === 0 ? "even" : "odd" }),
      );
      writing.send({ correlation: BigInt(n), append: { events } });
    }
    const late = new Subscription(connect(), { start: after(3000) });
    await Promise.all([
      writing.outcomes((total - 4000) / 10),
      ...subscriptions.map((subscription) => subscription.untilEvents(total)),
      late.untilEvents(total - 3000),
      filtered.untilEvents((total - 4000) / 2),
    ]);
    for (const { events } of subscriptions) expect(positions(events)).toEqual(range(1, total));
    expect(positions(late.events)).toEqual(range(3001, total));
    const even = range(4001, total).filter((p) => p % 2 === 0);
    expect(positions(filtered.events)).toEqual(even);
  });

  it("does not see another workspace", async () => {
    const { client } = await startTestServer();
    await client.append({ workspace: "blue", events: newEvents("s", 2) });
    const subscription = new Subscription(client, { workspace: "blue" });
    await subscription.until("caughtUp");
    await client.append({ events: newEvents("s", 5) });
    await client.append({ workspace: "blue", events: newEvents("s", 1) });
    await subscription.untilEvents(3);
    expect(positions(subscription.events)).toEqual([1, 2, 3]);
  });
});

describe("a subscriber that stops reading", () => {
  it("is told that it fell behind, and that it has caught up again, and misses nothing", async () => {
    const { client, connect } = await startTestServer();
    const subscription = new Subscription(connect());
    await subscription.until("caughtUp");
    const data = "x".repeat(300);
    const bulk = range(1, 2000).map(() => newEvent("s", { data }));
    for (let i = 0; i < 20; i++) await client.append({ events: bulk });
    const { position, head } = await subscription.until("fellBehind");
    expect(position).toBe(BigInt(subscription.events.length));
    expect(head).toBeGreaterThan(position);
    expect(head).toBeLessThanOrEqual(40_000n);
    const caughtUp = await subscription.until("caughtUp");
    expect(caughtUp.position).toBeGreaterThanOrEqual(head);
    await client.append({ events: [newEvent("s")] });
    await subscription.untilEvents(40_001);
    expect(positions(subscription.events)).toEqual(range(1, 40_001));
    const turns = subscription.kinds.filter((kind) => kind === "caughtUp" || kind === "fellBehind");
    expect(turns.slice(0, 3)).toEqual(["caughtUp", "fellBehind", "caughtUp"]);
  });

  it("does not hold up the one next to it on the same connection", async () => {
    const { client, connect } = await startTestServer();
    const shared = connect();
    const idle = new Subscription(shared);
    const busy = new Subscription(shared);
    await Promise.all([idle.until("caughtUp"), busy.until("caughtUp")]);
    const bulk = newEvents("s", 1000);
    for (let i = 0; i < 5; i++) await client.append({ events: bulk });
    await busy.untilEvents(5000);
    expect(positions(busy.events)).toEqual(range(1, 5000));
  });
});

describe("a subscription when the server stops", () => {
  it("ends with SERVER_STOPPING, and can be resumed without a loss", async () => {
    const first = await startTestServer();
    const subscription = new Subscription(first.client);
    await first.client.append({ events: newEvents("s", 100) });
    await subscription.untilEvents(100);
    const [failure] = await Promise.all([subscription.failure(), first.stop()]);
    expectReason(fromConnect(failure), "SERVER_STOPPING");
    expect(subscription.resumeAfter).toBe(100n);
    const { client } = await startTestServer({ folder: first.folder });
    await client.append({ events: newEvents("s", 5) });
    const start = after(Number(subscription.resumeAfter));
    const resumed = new Subscription(client, { start });
    await resumed.untilEvents(5);
    expect(positions(resumed.events)).toEqual(range(101, 105));
  });

  it("in the middle of catching up ends, too, and can be resumed without a loss", async () => {
    const first = await startTestServer();
    for (let i = 0; i < 10; i++) await first.client.append({ events: newEvents("s", 4000) });
    const subscription = new Subscription(first.client);
    await subscription.until("events");
    const [failure] = await Promise.all([subscription.failure(), first.stop()]);
    expectReason(fromConnect(failure), "SERVER_STOPPING");
    const seen = subscription.events.length;
    expect(positions(subscription.events)).toEqual(range(1, seen));
    const { client } = await startTestServer({ folder: first.folder });
    const start = after(Number(subscription.resumeAfter));
    const resumed = new Subscription(client, { start });
    await resumed.until("caughtUp");
    expect(positions([...subscription.events, ...resumed.events])).toEqual(range(1, 40_000));
  });
});
