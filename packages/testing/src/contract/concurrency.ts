import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type AppendOptions,
  type AppendResult,
  ConditionFailedError,
  type ExpectedState,
} from "@varve/client";
import { all } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, positions, range, revisions } from "./events.js";
import type { TestCase } from "./test-case.js";

const APPENDS = 50;

/** Many appends on their way at once. */
export function describeConcurrency({ describe, it }: Contract): void {
  describe("of many appends at once", () => {
    it("exactly one that expects no stream wins", async (t) => {
      const results = range(1, APPENDS).map(() => append(t, "a", { expect: "no-stream" }));
      strictEqual((await winners(results)).length, 1);
      await t.restart();
      deepStrictEqual(revisions(await t.client.read("a").toArray()), [0]);
    });

    it("exactly one that expects the same revision wins", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.restart();
      const results = range(1, APPENDS).map(() => append(t, "a", { expect: 2 }));
      deepStrictEqual(
        (await winners(results)).map(({ lastPosition }) => lastPosition),
        [4n],
      );
      await t.restart();
      deepStrictEqual(revisions(await t.client.read("a").toArray()), range(0, 3));
    });

    // To pass on the last revision of a stream that has none once let both creators in.
    it("exactly one wins that passes on what it read, of a new stream and of a known one", async (t) => {
      await t.client.append("other", newEvent());
      for (const revision of [0n, 1n]) {
        const reads = range(1, APPENDS).map(async () => {
          const read = t.client.read("a");
          const { expect } = await read.header;
          await read.toArray();
          return expect;
        });
        const appends = (await Promise.all(reads)).map((expect) => append(t, "a", { expect }));
        const won = (await winners(appends)).map(({ streams }) => streams[0]?.lastRevision);
        deepStrictEqual(won, [revision]);
        await t.restart();
      }
    });

    it("exactly one that expects no event to match wins, in whatever stream", async (t) => {
      const conditions = [{ noEventMatches: { tags: ["seat:A1"] } }];
      const event = newEvent({ tags: ["seat:A1"] });
      const results = range(1, APPENDS).map((n) =>
        t.client.append(`seat-${n}`, event, { conditions }),
      );
      strictEqual((await winners(results)).length, 1);
      await t.restart();
      strictEqual((await t.client.status()).head, 1n);
    });

    it("those without conditions are all stored, each as one, without gaps", async (t) => {
      const results = await Promise.all(
        range(1, APPENDS).map((n) => t.client.append(`s-${n % 3}`, newEvents(1 + (n % 4)))),
      );
      await t.restart();
      const events = await all(t.client.replay());
      deepStrictEqual(positions(events), range(1, 125));
      for (const { firstPosition, lastPosition, streams } of results) {
        const own = events.slice(Number(firstPosition) - 1, Number(lastPosition));
        const [written] = streams;
        ok(written && own.every(({ stream }) => stream === written.stream));
        const revision = [written.firstRevision, written.lastRevision];
        deepStrictEqual([own[0]?.revision, own.at(-1)?.revision], revision);
      }
      const times = events.map(({ recordedAt }) => recordedAt.getTime());
      deepStrictEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      for (const stream of ["s-0", "s-1", "s-2"]) {
        const own = revisions(await t.client.read(stream).toArray());
        deepStrictEqual(own, range(0, own.length - 1));
      }
    });

    it("those of one client are decided in the order in which they were made", async (t) => {
      const expectations: ExpectedState[] = ["no-stream", ...range(0, APPENDS - 2)];
      const results = expectations.map((expect) => append(t, "a", { expect }));
      strictEqual((await winners(results)).length, APPENDS);
    });

    it("those that wait for each other's streams are decided one by one", async (t) => {
      const results = range(1, 20).flatMap((n) => [
        append(t, `left-${n}`, { conditions: [{ stream: `right-${n}`, expect: "no-stream" }] }),
        append(t, `right-${n}`, { conditions: [{ noEventMatches: { stream: `left-${n}` } }] }),
      ]);
      strictEqual((await winners(results)).length, 20);
    });

    it("every increment counts if whoever loses tries again", async (t) => {
      await t.client.append("counter", newEvent());
      await Promise.all(range(1, 4).map(() => incrementTenTimes(t)));
      await t.restart();
      strictEqual((await t.client.getStream("counter"))?.lastRevision, 40n);
    });

    it("none is seen by a replay before those ahead of it", async (t) => {
      await t.client.append("a", newEvent());
      const appends = Promise.all(range(1, APPENDS).map(() => append(t, "a", {})));
      for (const _ of range(1, 5)) {
        const replay = t.client.replay();
        const { head } = await replay.header;
        deepStrictEqual(positions(await all(replay)), range(1, Number(head)));
      }
      await appends;
    });
  });
}

function append(t: TestCase, stream: string, options: AppendOptions): Promise<AppendResult> {
  return t.client.append(stream, newEvent(), options);
}

/** The results of those that were stored; all others must have lost, and say so. */
async function winners(appends: readonly Promise<AppendResult>[]): Promise<AppendResult[]> {
  const results = await Promise.allSettled(appends);
  const won: AppendResult[] = [];
  for (const result of results) {
    if (result.status === "fulfilled") won.push(result.value);
    else ok(result.reason instanceof ConditionFailedError, String(result.reason));
  }
  return won;
}

async function incrementTenTimes(t: TestCase): Promise<void> {
  for (let stored = 0; stored < 10; ) {
    const expect = (await t.client.getStream("counter"))?.lastRevision ?? "no-stream";
    stored += (await winners([append(t, "counter", { expect })])).length;
  }
}
