import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ListStreamsOptions } from "@varve/client";
import { all, failureOf, invalid } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, range } from "./events.js";
import type { TestCase } from "./test-case.js";

/** In the order of their UTF-8 bytes, which is not that of UTF-16, nor that of a dictionary. */
const names: readonly string[] = [
  " ",
  "A-1",
  "B",
  "Z",
  "a",
  "a!",
  "a-",
  "a-1",
  "a-1-2",
  "a-10",
  "a-2",
  "aa",
  "b",
  "z",
  "Ä",
  "ä",
  "äb",
  "日本",
  "\u{fffd}",
  "\u{1f600}",
];

/** What is known of streams, one by one and in lists. */
export function describeStreams(contract: Contract): void {
  describeGetStream(contract);
  describeListStreams(contract);
}

function describeGetStream({ describe, it }: Contract): void {
  describe("getStream", () => {
    it("describes a stream by its first and last event", async (t) => {
      const { recordedAt: firstRecordedAt } = await t.client.append("a", newEvents(2));
      await t.tick();
      await t.client.append("b", newEvents(4));
      await t.tick();
      const { recordedAt: lastRecordedAt } = await t.client.append("a", newEvents(3));
      await t.client.append("b", newEvent());
      await t.restart();
      deepStrictEqual(await t.client.getStream("a"), {
        stream: "a",
        lastRevision: 4n,
        eventCount: 5n,
        firstRecordedAt,
        lastRecordedAt,
        lastPosition: 9n,
      });
    });

    it("knows nothing of a stream without events", async (t) => {
      await t.client.append("order-1", newEvent());
      for (const stream of ["order", "order-", "order-11", "Order-1"]) {
        strictEqual(await t.client.getStream(stream), undefined);
      }
    });

    it("must name a stream", async (t) => {
      await t.client.append("a", newEvent());
      await invalid(t.client.getStream(""), "stream");
    });

    it("rejects with the reason of its signal", async (t) => {
      await t.client.append("a", newEvent());
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      strictEqual(await failureOf(t.client.getStream("a", { signal })), reason);
    });
  });
}

function describeListStreams({ describe, it, fixture }: Contract): void {
  const named = fixture(async ({ client }) => {
    const shuffled = names.toReversed();
    await client.appendMany(shuffled.map((stream) => ({ stream, ...newEvent() })));
    await client.append("a", newEvents(2));
  });
  describe("listStreams", () => {
    it("lists all streams in the order of their bytes", async (t) => {
      await named(t);
      deepStrictEqual(await list(t), names);
    });

    it("describes each stream as getStream does", async (t) => {
      await named(t);
      for await (const info of t.client.listStreams({ prefix: "a" })) {
        deepStrictEqual(info, await t.client.getStream(info.stream));
      }
    });

    for (const prefix of ["", "a", "a-", "a-1", "a-10", "ä", "日", " ", "none", "aaa"]) {
      it(`lists those that begin with "${prefix}"`, async (t) => {
        await named(t);
        const expected = names.filter((name) => name.startsWith(prefix));
        deepStrictEqual(await list(t, { prefix }), expected);
        deepStrictEqual(await list(t, { prefix, pageSize: 1 }), expected);
      });
    }

    it("lists the same in pages of any size", async (t) => {
      await named(t);
      for (const pageSize of [1, 2, 3, names.length - 1, names.length, names.length + 1, 1_000]) {
        deepStrictEqual(await list(t, { pageSize }), names);
      }
    });

    it("lists more than the largest page holds", async (t) => {
      const many = range(10_000, 11_000).map((n) => `s-${n}`);
      const events = many.map((stream) => ({ stream, ...newEvent() }));
      await t.client.appendMany(events.slice(0, 500));
      await t.client.appendMany(events.slice(500));
      await t.restart();
      deepStrictEqual(await list(t, { pageSize: 1_000 }), many);
    });

    it("can be left early", async (t) => {
      await named(t);
      for await (const { stream } of t.client.listStreams({ pageSize: 1 })) {
        if (stream === "B") break;
      }
      strictEqual((await list(t)).length, names.length);
    });

    it("must have a prefix that could be a name's", async (t) => {
      await t.client.append("a", newEvent());
      await invalid(t.client.listStreams({ prefix: "$" }), "prefix");
    });
  });
}

async function list(t: TestCase, options: ListStreamsOptions = {}): Promise<string[]> {
  return (await all(t.client.listStreams(options))).map(({ stream }) => stream);
}
