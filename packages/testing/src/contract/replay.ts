import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { ReplayOptions, ReplayProgress } from "@varve/client";
import { all, failureOf } from "./check.js";
import type { Contract } from "./contract.js";
import { LARGE_EVENT, newEvent, newEvents, positions, range } from "./events.js";
import { longLog } from "./filter-log.js";
import type { TestCase } from "./test-case.js";

/** Options, and the positions that are replayed of a log whose head is 12. */
const ranges: readonly (readonly [options: ReplayOptions, expected: readonly number[]])[] = [
  [{}, range(1, 12)],
  [{ from: 1, to: 12 }, range(1, 12)],
  [{ from: 5 }, range(5, 12)],
  [{ from: 12n }, [12]],
  [{ from: 13 }, []],
  [{ to: 1 }, [1]],
  [{ to: 7n }, range(1, 7)],
  [{ to: 2n ** 63n - 1n }, range(1, 12)],
  [{ from: 2n ** 63n - 1n }, []],
  [{ from: 4, to: 9 }, range(4, 9)],
  [{ from: 6, to: 6 }, [6]],
  [{ from: 7, to: 6 }, []],
  [{ from: 11, to: 40 }, [11, 12]],
];

/** Replays of the log. */
export function describeReplay(contract: Contract): void {
  const { describe, it } = contract;
  describe("replay", () => {
    it("tells its range and the head", async (t) => {
      await t.client.append("a", newEvents(5));
      await t.restart();
      const header = (options: ReplayOptions): Promise<unknown> => t.client.replay(options).header;
      deepStrictEqual(await header({}), { from: 1n, to: 5n, head: 5n });
      deepStrictEqual(await header({ from: 2, to: 4 }), { from: 2n, to: 4n, head: 5n });
      deepStrictEqual(await header({ to: 99, backwards: true }), { from: 1n, to: 5n, head: 5n });
      const { from, to, head } = await t.client.replay({ from: 6 }).header;
      ok(to < from && head === 5n);
    });

    it("ends at the head that it began with", async (t) => {
      await t.client.append("a", newEvents(2));
      const replay = t.client.replay();
      strictEqual((await replay.header).head, 2n);
      await t.client.append("a", newEvents(2));
      deepStrictEqual(positions(await all(replay)), [1, 2]);
    });

    it("can be left early, and made again", async (t) => {
      await t.client.append("a", newEvents(20));
      for await (const { position } of t.client.replay()) if (position === 3n) break;
      strictEqual((await all(t.client.replay())).length, 20);
    });

    it("can be iterated once", async (t) => {
      await t.client.append("a", newEvent());
      const replay = t.client.replay();
      await all(replay);
      throws(() => replay[Symbol.asyncIterator](), TypeError);
    });

    it("rejects with the reason of its signal", async (t) => {
      await t.client.append("a", newEvents(3));
      const reason = new Error("enough");
      const replay = t.client.replay({ signal: AbortSignal.abort(reason) });
      strictEqual(await failureOf(replay), reason);
    });
  });
  describeRanges(contract);
  describeProgress(contract);
}

function describeRanges({ describe, it, fixture }: Contract): void {
  const twelveEvents = fixture(async ({ client }) => {
    for (const n of range(1, 4)) await client.append(`s-${n % 2}`, newEvents(3));
  });
  describe("the range of a replay", () => {
    it("is inclusive at both ends, in either direction, and cut short by a limit", async (t) => {
      await twelveEvents(t);
      for (const [options, expected] of ranges) {
        for (const limit of [undefined, 1, 12n, 13]) {
          const count = limit === undefined ? 99 : Number(limit);
          const limited = { ...options, ...(limit !== undefined && { limit }) };
          const forwards = await all(t.client.replay(limited));
          deepStrictEqual(positions(forwards), expected.slice(0, count));
          const backwards = await all(t.client.replay({ ...limited, backwards: true }));
          deepStrictEqual(positions(backwards), expected.toReversed().slice(0, count));
        }
      }
    });
  });

  const large = fixture(async ({ client }) => {
    for (const n of range(1, 3)) {
      await client.append(`s-${n}`, newEvents(200, { data: LARGE_EVENT }));
    }
  });
  describe("a replay of a large log", () => {
    it("is whole and in order, in either direction", async (t) => {
      await large(t);
      deepStrictEqual(positions(await all(t.client.replay())), range(1, 600));
      const backwards = await all(t.client.replay({ from: 7, to: 595, backwards: true }));
      deepStrictEqual(positions(backwards), range(595, 7));
      deepStrictEqual(positions(await all(t.client.replay({ limit: 401 }))), range(1, 401));
    });
  });
}

function describeProgress(contract: Contract): void {
  const { describe, it, fixture } = contract;
  const large = fixture(async ({ client }) => {
    await client.append("a", newEvents(600, { data: LARGE_EVENT }));
  });
  const long = longLog(contract);
  describe("the progress of a replay", () => {
    it("goes up to the end of its range, where events match", async (t) => {
      await large(t);
      const [first, ...others] = await progressOf(t, { from: 5, to: 590 });
      ok(first && others.length > 0);
      deepStrictEqual([first.from, first.to], [5n, 590n]);
      ascends([first, ...others], 590n);
    });

    it("goes down to the start of its range, backwards", async (t) => {
      await large(t);
      const progress = await progressOf(t, { from: 5, to: 590, backwards: true });
      ascends(progress.toReversed(), progress[0]?.position);
      strictEqual(progress.at(-1)?.position, 5n);
    });

    it("goes to the end where nothing matches, too", async (t) => {
      await long(t);
      const { head } = await t.client.status();
      for (const filter of [{ types: ["none"] }, { tags: ["eu"], stream: "order-1" }]) {
        ascends(await progressOf(t, { filter }), head);
        ascends(await progressOf(t, { filter, limit: 99 }), head);
        const backwards = await progressOf(t, { filter, backwards: true });
        strictEqual(backwards.at(-1)?.position, 1n);
      }
    });

    it("does not pass the event at which a limit ends the replay", async (t) => {
      await large(t);
      ascends(await progressOf(t, { limit: 300 }), 300n);
    });
  });
}

async function progressOf(t: TestCase, options: ReplayOptions): Promise<ReplayProgress[]> {
  const progress: ReplayProgress[] = [];
  await all(t.client.replay({ ...options, onProgress: (reached) => progress.push(reached) }));
  return progress;
}

/** Each is beyond the one before, and the last is where it should be. */
function ascends(progress: readonly ReplayProgress[], last: bigint | undefined): void {
  const reached = progress.map(({ position }) => position);
  ok(reached.every((position, i) => i === 0 || position > (reached[i - 1] ?? 0n)));
  strictEqual(reached.at(-1), last);
}
