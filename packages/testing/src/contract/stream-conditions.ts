import { rejects as assertRejects, ok, strictEqual } from "node:assert/strict";
import type {
  AppendResult,
  Condition,
  ConditionViolation,
  ExpectedState,
  ReadHeader,
} from "@varve/client";
import { invalid, violates } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, range } from "./events.js";
import type { TestCase } from "./test-case.js";

/** What can be expected of a stream, and the last revision (-1: none) that it holds for. */
const expectations: readonly (readonly [ExpectedState, (last: number) => boolean])[] = [
  ["no-stream", (last) => last === -1],
  ["exists", (last) => last >= 0],
  [0, (last) => last === 0],
  [1n, (last) => last === 1],
  [2n, (last) => last === 2],
  [3, (last) => last === 3],
  [2n ** 63n - 1n, () => false],
];

/** Conditions on the state of a stream. */
export function describeStreamConditions({ describe, it }: Contract): void {
  describe("a stream condition", () => {
    for (const last of [-1, 0, 2]) {
      const state = last === -1 ? "has no event" : `is at revision ${last}`;
      it(`holds, or tells what was found, for a stream that ${state}`, async (t) => {
        await t.client.append("other-stream", newEvents(4));
        if (last >= 0) await t.client.append("other", newEvents(last + 1));
        await t.restart();
        for (const [expect, holds] of expectations) {
          const append = appendIf(t, { stream: "other", expect });
          if (holds(last)) await append;
          else await violates(append, mismatch(0, "other", expect, last));
        }
      });

      it(`is also the option of an append to a stream that ${state}`, async (t) => {
        await t.client.append("other", newEvent());
        for (const [i, [expect, holds]] of expectations.entries()) {
          const stream = `own-${i}`;
          if (last >= 0) await t.client.append(stream, newEvents(last + 1));
          const append = t.client.append(stream, newEvents(2), { expect });
          if (holds(last)) await append;
          else await violates(append, mismatch(0, stream, expect, last));
        }
      });
    }

    it("keeps out an append that does not know the newest event", async (t) => {
      await t.client.append("order-1", newEvent(), { expect: "no-stream" });
      await t.restart();
      await t.client.append("order-1", newEvent(), { expect: 0 });
      await t.restart();
      const append = t.client.append("order-1", newEvent(), { expect: 0 });
      const { head } = await violates(append, mismatch(0, "order-1", 0, 1));
      strictEqual(head, 2n);
      strictEqual((await t.client.status()).head, 2n);
    });

    it("is checked against the log before the append, not with it", async (t) => {
      await t.client.append("a", newEvents(3), { expect: "no-stream" });
      const conditions = [{ stream: "a", expect: 2 }];
      const events = range(1, 2).map(() => ({ stream: "a", ...newEvent() }));
      strictEqual((await t.client.appendMany(events, { conditions })).lastPosition, 5n);
    });

    it("tells the revision that another append found, too", async (t) => {
      const { streams } = await t.client.append("a", newEvents(3));
      const expect = streams[0]?.lastRevision ?? 0n;
      strictEqual((await t.client.append("a", newEvent(), { expect })).lastPosition, 4n);
    });

    it("is not left out by an undefined that is passed on: nothing is stored", async (t) => {
      await t.client.append("other", newEvent());
      const { lastRevision } = await headerOf(t, "new");
      // As a program writes it whose compiler does not tell what is undefined from what is absent.
      const options = { expect: lastRevision } as { expect: bigint };
      await rejectsTypeError(t.client.append("new", newEvent(), options), /no-stream/);
      const conditions = [{ stream: "new", ...options }];
      await rejectsTypeError(t.client.append("a", newEvent(), { conditions }), /no-stream/);
      strictEqual((await t.client.status()).head, 1n);
    });

    it("that was read holds as long as nothing has happened since", async (t) => {
      await t.client.append("other", newEvent());
      const { expect: none } = await headerOf(t, "a");
      strictEqual(none, "no-stream");
      await t.client.append("a", newEvents(3), { expect: none });
      await t.restart();
      const { expect } = await headerOf(t, "a");
      strictEqual(expect, 2n);
      await t.client.append("a", newEvent(), { expect });
      await violates(t.client.append("a", newEvent(), { expect }), mismatch(0, "a", 2, 3));
      await violates(t.client.append("a", newEvent(), { expect: none }), mismatch(0, "a", none, 3));
    });

    it("must name a stream", async (t) => {
      await invalid(appendIf(t, { stream: "", expect: 0 }), "conditions[0].stream.stream");
    });
  });

  describe("conditions", () => {
    it("must all hold, and every one that does not is told, in order", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.restart();
      const append = t.client.append("b", newEvent(), {
        expect: "exists",
        conditions: [
          { stream: "a", expect: 1 },
          { stream: "a", expect: 0 },
          { stream: "a", expect: "exists" },
          { noEventMatches: { stream: "a" }, after: 1n },
          { stream: "a", expect: "no-stream" },
        ],
      });
      const { head } = await violates(
        append,
        mismatch(0, "b", "exists", -1),
        mismatch(2, "a", 0, 1),
        { kind: "query", condition: 4, position: 2n, type: "thing.Happened", stream: "a" },
        mismatch(5, "a", "no-stream", 1),
      );
      strictEqual(head, 2n);
      strictEqual((await t.client.status()).head, 2n);
    });

    it("that all hold let the append pass", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.restart();
      const conditions: Condition[] = [
        { stream: "a", expect: 1 },
        { stream: "a", expect: "exists" },
        { stream: "c", expect: "no-stream" },
        { noEventMatches: { stream: "a" }, after: 2n },
      ];
      const result = await t.client.append("b", newEvent(), { expect: "no-stream", conditions });
      strictEqual(result.lastPosition, 3n);
    });

    it("say what was found in words, too", async (t) => {
      await t.client.append("order-1", newEvents(3));
      const append = appendIf(t, { stream: "order-1", expect: 7 });
      const { message } = await violates(append, mismatch(0, "order-1", 7, 2));
      for (const part of ["order-1", "7", "2"]) ok(message.includes(part), message);
    });
  });
}

async function headerOf(t: TestCase, stream: string): Promise<ReadHeader> {
  const read = t.client.read(stream);
  const header = await read.header;
  await read.toArray();
  return header;
}

async function rejectsTypeError(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assertRejects(call, (error) => error instanceof TypeError && message.test(error.message));
}

/** Appends to a stream that the condition does not name. */
function appendIf(t: TestCase, condition: Condition): Promise<AppendResult> {
  return t.client.append("elsewhere", newEvent(), { conditions: [condition] });
}

function mismatch(
  condition: number,
  stream: string,
  expect: ExpectedState,
  last: number,
): ConditionViolation {
  const expected = typeof expect === "number" ? BigInt(expect) : expect;
  const actual = last === -1 ? undefined : BigInt(last);
  return { kind: "stream", condition, stream, expected, actual };
}
