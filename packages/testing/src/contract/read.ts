import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { ReadOptions } from "@varve/client";
import { failureOf, invalid } from "./check.js";
import type { Contract } from "./contract.js";
import { LARGE_EVENT, newEvent, newEvents, range, revisions } from "./events.js";

/** Options, and the revisions that are read of a stream whose last is 9. */
const ranges: readonly (readonly [options: ReadOptions, expected: readonly number[]])[] = [
  [{}, range(0, 9)],
  [{ from: 0, to: 9 }, range(0, 9)],
  [{ from: 3 }, range(3, 9)],
  [{ from: 9n }, [9]],
  [{ from: 10 }, []],
  [{ to: 0 }, [0]],
  [{ to: 4n }, range(0, 4)],
  [{ to: 2n ** 63n - 1n }, range(0, 9)],
  [{ from: 2n ** 63n - 1n }, []],
  [{ from: 4, to: 6 }, [4, 5, 6]],
  [{ from: 5, to: 5 }, [5]],
  [{ from: 6, to: 5 }, []],
  [{ from: 8, to: 20 }, [8, 9]],
];

/** Reads of one stream. */
export function describeRead(contract: Contract): void {
  const { describe, it } = contract;
  describe("read", () => {
    it("answers that a stream without events does not exist", async (t) => {
      await t.client.append("order-1", newEvents(3));
      await t.restart();
      for (const stream of ["order-2", "order", "order-", "order-1 "]) {
        const read = t.client.read(stream);
        deepStrictEqual(await read.header, { exists: false, expect: "no-stream", head: 3n });
        deepStrictEqual(await read.toArray(), []);
      }
    });

    it("tells the stream's last revision and the head, whatever the range", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.client.append("b", newEvents(2));
      await t.restart();
      for (const options of [{}, { from: 1, to: 1 }, { from: 7 }, { backwards: true, limit: 1 }]) {
        const header = await t.client.read("a", options).header;
        deepStrictEqual(header, { exists: true, lastRevision: 2n, expect: 2n, head: 5n });
      }
    });

    it("ends at what there was when it began", async (t) => {
      await t.client.append("a", newEvents(2));
      const read = t.client.read("a");
      strictEqual((await read.header).lastRevision, 1n);
      await t.client.append("a", newEvents(2));
      deepStrictEqual(revisions(await read.toArray()), [0, 1]);
    });

    it("can be left early, and made again", async (t) => {
      await t.client.append("a", newEvents(20));
      for await (const { revision } of t.client.read("a")) if (revision === 3n) break;
      strictEqual((await t.client.read("a").toArray()).length, 20);
    });

    it("can be iterated once", async (t) => {
      await t.client.append("a", newEvent());
      const read = t.client.read("a");
      strictEqual((await read.toArray()).length, 1);
      throws(() => read[Symbol.asyncIterator](), TypeError);
    });

    it("rejects with the reason of its signal", async (t) => {
      await t.client.append("a", newEvents(3));
      const reason = new Error("enough");
      const read = t.client.read("a", { signal: AbortSignal.abort(reason) });
      strictEqual(await failureOf(read), reason);
    });

    it("must name a stream", async (t) => {
      await invalid(t.client.read(""), "stream");
    });
  });
  describeRanges(contract);
  describeLargeStream(contract);
}

function describeRanges({ describe, it, fixture }: Contract): void {
  const tenEvents = fixture(async ({ client }) => {
    for (const n of range(1, 5)) {
      await client.append("a", newEvents(2));
      await client.append("b", newEvents(n));
    }
  });
  describe("the range of a read", () => {
    it("is inclusive at both ends, forwards", async (t) => {
      await tenEvents(t);
      for (const [options, expected] of ranges) {
        deepStrictEqual(revisions(await t.client.read("a", options).toArray()), expected);
      }
    });

    it("is the same backwards", async (t) => {
      await tenEvents(t);
      for (const [options, expected] of ranges) {
        const read = t.client.read("a", { ...options, backwards: true });
        deepStrictEqual(revisions(await read.toArray()), expected.toReversed());
      }
    });

    it("is cut short by a limit, at the end that is read last", async (t) => {
      await tenEvents(t);
      for (const [options, expected] of ranges) {
        for (const limit of [1, 2n, 10, 2n ** 63n - 1n]) {
          const count = Number(limit);
          const read = t.client.read("a", { ...options, limit });
          deepStrictEqual(revisions(await read.toArray()), expected.slice(0, count));
          const back = t.client.read("a", { ...options, limit, backwards: true });
          deepStrictEqual(revisions(await back.toArray()), expected.toReversed().slice(0, count));
        }
      }
    });
  });
}

function describeLargeStream({ describe, it, fixture }: Contract): void {
  const large = fixture(async ({ client }) => {
    for (const _ of range(1, 3)) {
      const events = newEvents(200, { data: LARGE_EVENT });
      await client.appendMany(
        events.flatMap((event) => [
          { stream: "a", ...event },
          { stream: "b", ...newEvent() },
        ]),
      );
    }
  });
  describe("a read of a large stream", () => {
    const cases: readonly (readonly [ReadOptions, readonly number[]])[] = [
      [{}, range(0, 599)],
      [{ from: 150, to: 450 }, range(150, 450)],
      [{ from: 399, limit: 2 }, [399, 400]],
      [{ limit: 333 }, range(0, 332)],
    ];
    for (const [options, expected] of cases) {
      it(`is whole and in order: ${JSON.stringify(options)}`, async (t) => {
        await large(t);
        const events = await t.client.read("a", options).toArray();
        deepStrictEqual(revisions(events), expected);
        ok(events.every(({ stream, bytes }) => stream === "a" && bytes.length === 1024));
      });
    }

    it("is whole and in order backwards, too", async (t) => {
      await large(t);
      const events = await t.client.read("a", { backwards: true, from: 10, limit: 450 }).toArray();
      deepStrictEqual(revisions(events), range(599, 150));
    });
  });
}
