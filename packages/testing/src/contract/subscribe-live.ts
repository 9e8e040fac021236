import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { all } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, positions, range } from "./events.js";
import type { Followed } from "./followed.js";
import type { TestCase } from "./test-case.js";

const SOON = { heartbeatIntervalMs: 100 } as const;

/** What a subscription says once it has caught up. */
export function describeLiveSubscriptions(contract: Contract): void {
  describeDelivery(contract);
  describeSilence(contract);
  describeOutrun(contract);
}

function describeDelivery({ describe, it }: Contract): void {
  describe("a live subscription", () => {
    it("delivers every append, and says only once that it has caught up", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.restart();
      const followed = t.follow(SOON);
      await followed.until("caught-up");
      for (const n of range(1, 10)) {
        await t.client.append(`s-${n % 3}`, newEvents(2));
        await followed.untilEvents(2 + 2 * n);
      }
      await followed.until("heartbeat");
      deepStrictEqual(positions(followed.events), range(1, 22));
      const spoken = followed.kinds.filter((kind) => kind !== "heartbeat");
      deepStrictEqual(new Set(spoken), new Set(["confirmed", "events", "caught-up"]));
      strictEqual(spoken.filter((kind) => kind === "caught-up").length, 1);
    });

    it("delivers only what its filter matches", async (t) => {
      await t.client.append("a", newEvent());
      const followed = t.follow({ filter: { types: ["wanted.*"], tags: ["x"] } });
      await followed.until("caught-up");
      for (const type of ["wanted.A", "other", "wanted.B", "wanted"]) {
        await t.client.append("a", [newEvent({ type }), newEvent({ type, tags: ["x", "y"] })]);
      }
      await followed.untilEvents(2);
      deepStrictEqual(positions(followed.events), [3, 7]);
    });

    it("delivers each event once, with appends before, while and after it catches up", async (t) => {
      await t.client.append("a", newEvents(50));
      const appends = (async () => {
        for (const _ of range(1, 40)) await t.client.append("b", newEvents(5));
      })();
      const followed = t.follow();
      await followed.untilEvents(250);
      await appends;
      deepStrictEqual(positions(followed.events), range(1, 250));
    });

    it("delivers nothing that another call does not see yet", async (t) => {
      await t.client.append("a", newEvent());
      const followed = t.follow();
      await followed.until("caught-up");
      const appends = Promise.all(range(2, 20).map(() => t.client.append("a", newEvent())));
      while (followed.events.length < 20) {
        const { position } = await followed.next();
        ok((await t.client.status()).head >= position);
      }
      await appends;
    });

    it("is one of many that see the same", async (t) => {
      await t.client.append("a", newEvent());
      const all = range(1, 10).map(() => t.follow());
      await Promise.all(all.map((followed) => followed.until("caught-up")));
      await t.client.append("a", newEvents(30));
      await Promise.all(all.map((followed) => followed.untilEvents(31)));
      for (const { events } of all) deepStrictEqual(positions(events), range(1, 31));
    });
  });
}

function describeSilence({ describe, it }: Contract): void {
  describe("a live subscription where nothing happens", () => {
    it("gets heartbeats, at the head", async (t) => {
      await t.client.append("a", newEvents(3));
      const followed = t.follow(SOON);
      await followed.until("caught-up");
      const [first, second] = [await followed.next(), await followed.next()];
      const heartbeat = { kind: "heartbeat", position: 3n };
      deepStrictEqual([first, second], [heartbeat, heartbeat]);
      await t.client.append("a", newEvent());
      await followed.untilEvents(4);
    });

    it("gets heartbeats that pass what does not match", async (t) => {
      await t.client.append("a", newEvents(3));
      const followed = t.follow({ ...SOON, filter: { stream: "b" } });
      await followed.until("caught-up");
      await t.client.append("a", newEvents(4));
      const head = 7n;
      while ((await followed.until("heartbeat")).position < head);
      await followed.until("heartbeat");
      strictEqual(followed.subscription.position, head);
      deepStrictEqual(followed.events, []);
    });

    it("gets a checkpoint where the log grows and nothing matches", async (t) => {
      await t.client.append("a", newEvent());
      const filter = { types: ["none.*"] };
      const followed = t.follow({ filter });
      await followed.until("caught-up");
      await grow(t, 3);
      const { position } = await followed.until("checkpoint");
      ok(position > 1n && position <= (await t.client.status()).head);
      await t.restart();
      const resumed = t.follow({ filter, start: { after: position } });
      strictEqual((await resumed.until("caught-up")).position, 6_001n);
    });
  });
}

function describeOutrun({ describe, it }: Contract): void {
  describe("a live subscription that nobody reads for long", () => {
    it("misses nothing, and says it if it falls behind and catches up again", async (t) => {
      await t.client.append("a", newEvent());
      const followed = t.follow();
      await followed.until("caught-up");
      await grow(t, 10);
      await followed.untilEvents(20_001);
      deepStrictEqual(positions(followed.events), range(1, 20_001));
      const behind = followed.frames.filter(({ kind }) => kind === "fell-behind").length;
      if (t.canBeOutrun) ok(behind > 0);
      while (caughtUp(followed) < 1 + behind) await followed.next();
      checkFrames(followed);
      deepStrictEqual(positions(await all(t.client.replay({ from: 20_001 }))), [20_001]);
    });
  });
}

/** Appends so many times 2,000 events. */
async function grow(t: TestCase, times: number): Promise<void> {
  for (const _ of range(1, times)) await t.client.append("a", newEvents(2_000));
}

function caughtUp({ frames }: Followed): number {
  return frames.filter(({ kind }) => kind === "caught-up").length;
}

/** It falls behind only once it has caught up, and each says how far it has come. */
function checkFrames({ frames }: Followed): void {
  const turns = frames.filter(({ kind }) => kind === "caught-up" || kind === "fell-behind");
  for (const [i, frame] of turns.entries()) {
    strictEqual(frame.kind, i % 2 === 0 ? "caught-up" : "fell-behind");
    if (frame.kind === "fell-behind") ok(frame.head > frame.position);
  }
  for (const [i, { position }] of frames.entries()) {
    ok(i === 0 || position >= (frames[i - 1]?.position ?? 0n));
  }
}
