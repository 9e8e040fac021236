import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EventStoreClient, ReadOptions, ReplayOptions } from "@varve/client";
import { all } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvents, positions, range, revisions } from "./events.js";
import type { TestCase } from "./test-case.js";

/** Reads as of a time, replays since and until one. All are inclusive. */
export function describeTimeTravel(contract: Contract): void {
  describeAsOf(contract);
  describeSinceUntil(contract);
}

function describeAsOf({ describe, it }: Contract): void {
  describe("a read as of a time", () => {
    it("includes what was recorded at that time, and nothing later", async (t) => {
      const times = await threeTimes(t);
      for (const [i, time] of times.entries()) {
        const read = t.client.read("a", { asOf: time });
        deepStrictEqual(revisions(await read.toArray()), range(0, 2 * i + 1));
        const lastRevision = BigInt(2 * i + 1);
        deepStrictEqual(await read.header, { exists: true, lastRevision, head: 9n });
      }
    });

    it("leaves out what was recorded a millisecond later", async (t) => {
      const [first, second, third] = await threeTimes(t);
      const earlier = (time: Date | undefined): ReadOptions => ({ asOf: shifted(time, -1) });
      deepStrictEqual(await t.client.read("a", earlier(first)).toArray(), []);
      deepStrictEqual(revisions(await t.client.read("a", earlier(second)).toArray()), range(0, 1));
      deepStrictEqual(revisions(await t.client.read("a", earlier(third)).toArray()), range(0, 3));
    });

    it("answers that the stream did not exist before its first event", async (t) => {
      const [first] = await threeTimes(t);
      for (const asOf of [shifted(first, -1), new Date(0), new Date(-1)]) {
        const header = await t.client.read("a", { asOf }).header;
        deepStrictEqual(header, { exists: false, head: 9n });
      }
    });

    it("sees a stream only from its own first event on", async (t) => {
      const [first, second] = await threeTimes(t, "b");
      const header = await t.client.read("b", { asOf: shifted(second, -1) }).header;
      deepStrictEqual(header, { exists: true, lastRevision: 0n, head: 9n });
      strictEqual((await t.client.read("c", { asOf: first as Date }).header).exists, false);
    });

    it("of the future reads everything", async (t) => {
      await threeTimes(t);
      const asOf = new Date("9999-12-31T23:59:59.999Z");
      deepStrictEqual(revisions(await t.client.read("a", { asOf }).toArray()), range(0, 5));
    });

    it("goes together with a range, a limit and the other direction", async (t) => {
      const [, asOf] = (await threeTimes(t)) as [Date, Date, Date];
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

function describeSinceUntil({ describe, it }: Contract): void {
  describe("a replay between two times", () => {
    it("includes what was recorded at either", async (t) => {
      const [first, second, third] = await threeTimes(t);
      await replays(t, { since: first as Date }, range(1, 9));
      await replays(t, { since: second as Date }, range(4, 9));
      await replays(t, { since: third as Date }, range(7, 9));
      await replays(t, { until: first as Date }, range(1, 3));
      await replays(t, { until: second as Date }, range(1, 6));
      await replays(t, { until: third as Date }, range(1, 9));
      await replays(t, { since: second as Date, until: second as Date }, range(4, 6));
    });

    it("leaves out what is a millisecond off", async (t) => {
      const [first, second, third] = await threeTimes(t);
      await replays(t, { since: shifted(first, 1) }, range(4, 9));
      await replays(t, { since: shifted(third, 1) }, []);
      await replays(t, { until: shifted(first, -1) }, []);
      await replays(t, { until: shifted(third, -1) }, range(1, 6));
      await replays(t, { since: shifted(first, 1), until: shifted(third, -1) }, range(4, 6));
      await replays(t, { since: third as Date, until: second as Date }, []);
    });

    it("goes together with positions, a limit and the other direction", async (t) => {
      const [, second, third] = (await threeTimes(t)) as [Date, Date, Date];
      await replays(t, { since: second, from: 2, to: 8 }, range(4, 8));
      await replays(t, { until: second, from: 2 }, range(2, 6));
      await replays(t, { since: second, backwards: true, limit: 2 }, [9, 8]);
      await replays(t, { until: second, backwards: true }, range(6, 1));
      await replays(t, { since: third, to: 6 }, []);
      await replays(t, { since: second, filter: { stream: "a" } }, [4, 6, 7, 9]);
    });

    it("tells the positions between them", async (t) => {
      const [, second] = (await threeTimes(t)) as [Date, Date, Date];
      const { header } = t.client.replay({ since: second, until: second });
      deepStrictEqual(await header, { from: 4n, to: 6n, head: 9n });
    });
  });
}

/** Three appends at three times, each of two events of `a` around one of another stream. */
async function threeTimes(t: TestCase, between = "b"): Promise<readonly Date[]> {
  const times: Date[] = [];
  for (const _ of range(1, 3)) {
    times.push(await appendAround(t.client, between));
    await t.tick();
    await t.restart();
  }
  return times;
}

async function appendAround(client: EventStoreClient, between: string): Promise<Date> {
  const events = newEvents(3).map((event, i) => ({ ...event, stream: i === 1 ? between : "a" }));
  return (await client.appendMany(events)).recordedAt;
}

function shifted(time: Date | undefined, byMs: number): Date {
  return new Date((time?.getTime() ?? Number.NaN) + byMs);
}

async function replays(
  t: TestCase,
  options: ReplayOptions,
  expected: readonly number[],
): Promise<void> {
  deepStrictEqual(positions(await all(t.client.replay(options))), expected);
}
