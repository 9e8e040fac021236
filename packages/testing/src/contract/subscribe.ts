import {
  deepStrictEqual,
  ok,
  rejects as rejectsWith,
  strictEqual,
  throws,
} from "node:assert/strict";
import { all, endsAfter, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { LARGE_EVENT, newEvent, newEvents, positions, range } from "./events.js";

/** Where a subscription begins, how it catches up, how it ends. */
export function describeSubscribe(contract: Contract): void {
  describeCatchUp(contract);
  describeStart(contract);
  describeEnd(contract);
}

function describeCatchUp({ describe, it }: Contract): void {
  describe("a subscription", () => {
    it("is confirmed, delivers what there is, and says that it has caught up", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.client.append("b", newEvents(2));
      await t.restart();
      const followed = t.follow();
      const caughtUp = await followed.until("caught-up");
      deepStrictEqual(followed.frames[0], { kind: "confirmed", position: 0n, head: 5n });
      deepStrictEqual(followed.kinds, ["confirmed", "events", "caught-up"]);
      deepStrictEqual(positions(followed.events), range(1, 5));
      strictEqual(caughtUp.position, 5n);
    });

    it("that nothing matches is confirmed and has caught up", async (t) => {
      await t.client.append("a", newEvents(3));
      const followed = t.follow({ filter: { stream: "b" } });
      const { position } = await followed.until("caught-up");
      deepStrictEqual(followed.kinds, ["confirmed", "caught-up"]);
      strictEqual(position, 3n);
    });

    it("delivers a log larger than a frame whole and in order", async (t) => {
      for (const n of range(1, 3)) {
        await t.client.append(`s-${n}`, newEvents(200, { data: LARGE_EVENT }));
      }
      await t.restart();
      const followed = t.follow();
      await followed.until("caught-up");
      deepStrictEqual(positions(followed.events), range(1, 600));
      const reached = followed.frames.map(({ position }) => position);
      ok(reached.every((position, i) => i === 0 || position >= (reached[i - 1] ?? 0n)));
      deepStrictEqual(followed.kinds, ["confirmed", "events", "caught-up"]);
    });

    it("can be iterated for its events, and counts each once the next is asked for", async (t) => {
      await t.client.append("a", newEvents(4));
      const subscription = t.client.subscribe();
      strictEqual(subscription.position, undefined);
      const found: number[] = [];
      for await (const { position } of subscription) {
        found.push(Number(position));
        strictEqual(subscription.position, position - 1n);
        if (found.length === 3) break;
      }
      deepStrictEqual(found, [1, 2, 3]);
      strictEqual(subscription.position, 2n);
    });

    it("has a position to resume after that no event is lost by whose handler threw", async (t) => {
      await t.client.append("a", newEvents(5));
      const handled: number[] = [];
      const failure = new Error("the handler fails once");
      const handle = (position: bigint): void => {
        if (position === 3n && handled.length === 2) throw failure;
        handled.push(Number(position));
      };
      const first = t.client.subscribe();
      await rejectsWith(async () => {
        for await (const { position } of first) handle(position);
      }, failure);
      await t.restart();
      const start = { after: first.position ?? 0n };
      for await (const { position } of t.client.subscribe({ start })) {
        if (handled.push(Number(position)) === 5) break;
      }
      deepStrictEqual(handled, [1, 2, 3, 4, 5]);
    });

    it("does not count the frame that its consumer is busy with", async (t) => {
      await t.client.append("a", newEvents(3));
      const subscription = t.client.subscribe();
      let before: bigint | undefined;
      for await (const { kind, position } of subscription.frames()) {
        strictEqual(subscription.position, before);
        before = position;
        if (kind === "caught-up") break;
      }
      strictEqual(subscription.position, 3n);
    });

    it("can be iterated once", async (t) => {
      await t.client.append("a", newEvent());
      const { subscription } = t.follow();
      throws(() => subscription.frames(), TypeError);
      throws(() => subscription[Symbol.asyncIterator](), TypeError);
    });
  });
}

function describeStart({ describe, it }: Contract): void {
  describe("the start of a subscription", () => {
    for (const after of [0n, 1n, 3n, 4n, 5n]) {
      it(`is after position ${after}, exclusive`, async (t) => {
        await t.client.append("a", newEvents(2));
        await t.client.append("b", newEvents(3));
        await t.restart();
        const followed = t.follow({ start: { after } });
        await followed.until("caught-up");
        deepStrictEqual(followed.frames[0], { kind: "confirmed", position: after, head: 5n });
        deepStrictEqual(positions(followed.events), range(1, 5).slice(Number(after)));
        await t.client.append("c", newEvent());
        await followed.untilEvents(6 - Number(after));
        deepStrictEqual(positions(followed.events), range(1, 6).slice(Number(after)));
      });
    }

    it("is the beginning, if asked for", async (t) => {
      await t.client.append("a", newEvents(2));
      const followed = t.follow({ start: "beginning" });
      await followed.until("caught-up");
      deepStrictEqual(positions(followed.events), [1, 2]);
    });

    it("is the end, and only what follows is delivered", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.restart();
      const followed = t.follow({ start: "end" });
      await followed.until("caught-up");
      deepStrictEqual(followed.frames, [
        { kind: "confirmed", position: 3n, head: 3n },
        { kind: "caught-up", position: 3n },
      ]);
      await t.client.append("a", newEvents(2));
      await followed.untilEvents(2);
      deepStrictEqual(positions(followed.events), [4, 5]);
    });

    it("is refused beyond the head", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.restart();
      const frames = t.client.subscribe({ start: { after: 3n } }).frames();
      const error = await rejects(frames, "POSITION_AHEAD_OF_HEAD");
      deepStrictEqual({ ...error.metadata }, { position: "3", head: "2" });
    });

    it("can be any position that an earlier subscription has told", async (t) => {
      await t.client.append("a", newEvents(5));
      const filter = { stream: "a" };
      const first = t.follow({ filter });
      const { position } = await first.until("caught-up");
      await t.client.append("b", newEvents(2));
      await t.client.append("a", newEvents(2));
      await t.restart();
      const second = t.follow({ filter, start: { after: position } });
      await second.until("caught-up");
      deepStrictEqual(positions(second.events), [8, 9]);
    });
  });
}

function describeEnd({ describe, it }: Contract): void {
  describe("the end of a subscription", () => {
    it("comes without an error when its signal is aborted", async (t) => {
      await t.client.append("a", newEvents(3));
      const end = new AbortController();
      const subscription = t.client.subscribe({ signal: end.signal });
      const ended = all(subscription);
      await t.follow().until("caught-up");
      end.abort();
      const events = await ended;
      ok(events.length <= 3);
    });

    it("comes at once if its signal was aborted before", async (t) => {
      await t.client.append("a", newEvents(3));
      await endsAfter(0, t.client.subscribe({ signal: AbortSignal.abort() }));
    });

    it("of one leaves the others alone", async (t) => {
      await t.client.append("a", newEvent());
      const other = t.follow();
      await other.until("caught-up");
      for await (const _ of t.client.subscribe()) break;
      await t.client.append("a", newEvent());
      await other.untilEvents(2);
    });
  });
}
