import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { ReadOptions, ReplayOptions } from "@varve/client";
import { all } from "./check.js";
import type { Contract, Fixture } from "./contract.js";
import { newEvents, positions, range, revisions } from "./events.js";
import type { TestCase } from "./test-case.js";

/** Reads as of a time, replays since and until one. All are inclusive. */
export function describeTimeTravel(contract: Contract): void {
  const log = contract.fixture(writeThreeTimes);
  describeAsOf(contract, log);
  describeSinceUntil(contract, log);
}

function describeAsOf({ describe, it }: Contract, log: Fixture): void {
  describe("a read as of a time", () => {
    it("includes what was recorded at that time, and nothing later", async (t) => {
      const times = await timesOf(t, log);
      for (const [i, time] of times.entries()) {
        const read = t.client.read("a", { asOf: time });
        deepStrictEqual(revisions(await read.toArray()), range(0, 2 * i + 1));
        const lastRevision = BigInt(2 * i + 1);
        deepStrictEqual(await read.header, {
          exists: true,
          lastRevision,
          expect: lastRevision,
          head: 9n,
        });
      }
    });

    it("leaves out what was recorded a millisecond later", async (t) => {
      const [first, second, third] = await timesOf(t, log);
      const earlier = (time: Date): ReadOptions => ({ asOf: shifted(time, -1) });
      deepStrictEqual(await t.client.read("a", earlier(first)).toArray(), []);
      deepStrictEqual(revisions(await t.client.read("a", earlier(second)).toArray()), range(0, 1));
      deepStrictEqual(revisions(await t.client.read("a", earlier(third)).toArray()), range(0, 3));
    });

    it("answers that the stream did not exist before its first event", async (t) => {
      const [first] = await timesOf(t, log);
      for (const asOf of [shifted(first, -1), new Date(0), new Date(-1)]) {
        const header = await t.client.read("a", { asOf }).header;
        deepStrictEqual(header, { exists: false, expect: "no-stream", head: 9n });
      }
    });

    it("sees a stream only from its own first event on", async (t) => {
      const [first, second] = await timesOf(t, log);
      const header = await t.client.read("b", { asOf: shifted(second, -1) }).header;
      deepStrictEqual(header, { exists: true, lastRevision: 0n, expect: 0n, head: 9n });
      strictEqual((await t.client.read("c", { asOf: first }).header).exists, false);
    });

    it("of the future reads everything", async (t) => {
      await timesOf(t, log);
      const asOf = new Date("9999-12-31T23:59:59.999Z");
      deepStrictEqual(revisions(await t.client.read("a", { asOf }).toArray()), range(0, 5));
    });

    it("goes together with a range, a limit and the other direction", async (t) => {
      const [, asOf] = await timesOf(t, log);
      const cases: readonly (readonly [ReadOptions, readonly number[]])[] = [
        [{ backwards: true }, range(3, 0)],
        [{ backwards: true, limit: 1 }, [3]],
        [{ from: 1, to: 5 }, range(1, 3)],
        [{ from: 4 }, []],
        [{ from: 2, to: 9, limit: 1, backwards: true }, [3]],
      ];
      for (const [options, expected] of cases) {
        const read = t.client.read("a", { ...options, asOf });
        deepStrictEqual(revisions(await read.toArray()), expected);
      }
    });
  });
}

function describeSinceUntil({ describe, it }: Contract, log: Fixture): void {
  describe("a replay between two times", () => {
    it("includes what was recorded at either", async (t) => {
      const [first, second, third] = await timesOf(t, log);
      await replays(t, { since: first }, range(1, 9));
      await replays(t, { since: second }, range(4, 9));
      await replays(t, { since: third }, range(7, 9));
      await replays(t, { until: first }, range(1, 3));
      await replays(t, { until: second }, range(1, 6));
      await replays(t, { until: third }, range(1, 9));
      await replays(t, { since: second, until: second }, range(4, 6));
    });

    it("leaves out what is a millisecond off", async (t) => {
      const [first, second, third] = await timesOf(t, log);
      await replays(t, { since: shifted(first, 1) }, range(4, 9));
      await replays(t, { since: shifted(third, 1) }, []);
      await replays(t, { until: shifted(first, -1) }, []);
      await replays(t, { until: shifted(third, -1) }, range(1, 6));
      await replays(t, { since: shifted(first, 1), until: shifted(third, -1) }, range(4, 6));
      await replays(t, { since: third, until: second }, []);
    });

    it("goes together with positions, a limit and the other direction", async (t) => {
      const [, second, third] = await timesOf(t, log);
      await replays(t, { since: second, from: 2, to: 8 }, range(4, 8));
      await replays(t, { until: second, from: 2 }, range(2, 6));
      await replays(t, { since: second, backwards: true, limit: 2 }, [9, 8]);
      await replays(t, { until: second, backwards: true }, range(6, 1));
      await replays(t, { since: third, to: 6 }, []);
      await replays(t, { since: second, filter: { stream: "a" } }, [4, 6, 7, 9]);
    });

    it("tells the positions between them", async (t) => {
      const [, second] = await timesOf(t, log);
      const { header } = t.client.replay({ since: second, until: second });
      deepStrictEqual(await header, { from: 4n, to: 6n, head: 9n });
    });
  });
}

/** Three appends at three times, each of two events of `a` around one of `b`. */
async function writeThreeTimes(t: TestCase): Promise<void> {
  for (const _ of range(1, 3)) {
    const events = newEvents(3).map((event, i) => ({ ...event, stream: i === 1 ? "b" : "a" }));
    await t.client.appendMany(events);
    await t.tick();
    await t.restart();
  }
}

/** When the three appends were recorded. */
async function timesOf(t: TestCase, log: Fixture): Promise<readonly [Date, Date, Date]> {
  await log(t);
  const [first, second, third] = await t.client.read("b").toArray();
  ok(first && second && third && first.recordedAt < second.recordedAt);
  return [first.recordedAt, second.recordedAt, third.recordedAt];
}

function shifted(time: Date, byMs: number): Date {
  return new Date(time.getTime() + byMs);
}

async function replays(
  t: TestCase,
  options: ReplayOptions,
  expected: readonly number[],
): Promise<void> {
  deepStrictEqual(positions(await all(t.client.replay(options))), expected);
}
