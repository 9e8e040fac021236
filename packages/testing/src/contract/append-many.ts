import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { all, invalid, violates } from "./check.js";
import type { Contract } from "./contract.js";
import { dataOf, LARGE_EVENT, newEvent, newEvents, positions, range, revisions } from "./events.js";

/** Appends to several streams at once. */
export function describeAppendMany({ describe, it }: Contract): void {
  describe("appendMany", () => {
    it("keeps the order of the events in the log, and counts each stream", async (t) => {
      await t.client.append("b", newEvents(2));
      await t.restart();
      const order = ["c", "a", "b", "a", "c", "b", "a"];
      const result = await t.client.appendMany(
        order.map((stream, data) => ({ stream, ...newEvent({ data }) })),
      );
      deepStrictEqual([result.firstPosition, result.lastPosition], [3n, 9n]);
      deepStrictEqual(result.streams, [
        { stream: "c", firstRevision: 0n, lastRevision: 1n },
        { stream: "a", firstRevision: 0n, lastRevision: 2n },
        { stream: "b", firstRevision: 2n, lastRevision: 3n },
      ]);
      await t.restart();
      const events = await all(t.client.replay({ from: 3 }));
      deepStrictEqual(
        events.map(({ stream }) => stream),
        order,
      );
      deepStrictEqual(dataOf(events), range(0, 6));
      deepStrictEqual(revisions(events), [0, 0, 2, 1, 1, 3, 2]);
    });

    it("reaches as many streams as it has events", async (t) => {
      const streams = range(1, 4_096).map((n) => `s-${n}`);
      await t.client.appendMany(streams.map((stream) => ({ stream, ...newEvent() })));
      await t.restart();
      strictEqual((await all(t.client.listStreams())).length, 4_096);
    });

    it("leaves no gap in a stream, however often its appends reach several", async (t) => {
      for (const n of range(1, 5)) {
        const streams = n % 2 === 0 ? ["a", "b", "a"] : ["b", "c", "c", "a"];
        await t.client.appendMany(streams.map((stream) => ({ stream, ...newEvent() })));
      }
      await t.restart();
      for (const [stream, count] of Object.entries({ a: 7, b: 5, c: 6 })) {
        const events = await t.client.read(stream).toArray();
        deepStrictEqual(revisions(events), range(0, count - 1));
      }
      deepStrictEqual(positions(await all(t.client.replay())), range(1, 18));
    });

    it("stores nothing in any stream if one condition does not hold", async (t) => {
      await t.client.append("a", newEvent());
      const events = ["a", "b", "c"].map((stream) => ({ stream, ...newEvent() }));
      const conditions = [
        { stream: "a", expect: 0n },
        { stream: "b", expect: "exists" },
      ] as const;
      await violates(t.client.appendMany(events, { conditions }), {
        kind: "stream",
        condition: 1,
        stream: "b",
        expected: "exists",
        actual: undefined,
      });
      await t.restart();
      strictEqual((await t.client.status()).head, 1n);
      strictEqual(await t.client.getStream("b"), undefined);
      strictEqual((await t.client.append("a", newEvent())).streams[0]?.lastRevision, 1n);
    });

    it("stores nothing in any stream if one event is refused", async (t) => {
      await t.client.append("a", newEvent());
      const events = [
        { stream: "b", ...newEvent() },
        { stream: "", ...newEvent() },
      ];
      await invalid(t.client.appendMany(events), "events[1].stream");
      await t.restart();
      strictEqual(await t.client.getStream("b"), undefined);
      strictEqual((await t.client.appendMany(events.slice(0, 1))).firstPosition, 2n);
    });

    it("stores an append that is far larger than a frame of an answer as one", async (t) => {
      const streams = range(0, 599).map((n) => `s-${n % 7}`);
      const { lastPosition } = await t.client.appendMany(
        streams.map((stream) => ({ stream, ...newEvent({ data: LARGE_EVENT }) })),
      );
      strictEqual(lastPosition, 600n);
      await t.restart();
      const events = await all(t.client.replay());
      deepStrictEqual(positions(events), range(1, 600));
      deepStrictEqual(
        events.map(({ stream }) => stream),
        streams,
      );
      strictEqual(new Set(events.map(({ recordedAt }) => recordedAt.getTime())).size, 1);
      deepStrictEqual(revisions(await t.client.read("s-6").toArray()), range(0, 84));
    });
  });
}
