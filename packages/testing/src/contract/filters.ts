import { deepStrictEqual } from "node:assert/strict";
import type { Filter, SubscriptionFrame } from "@varve/client";
import { all, failureOf, invalid } from "./check.js";
import type { Contract, Fixture } from "./contract.js";
import { dataOf, newEvent } from "./events.js";
import { everything, type FilterCase, selective } from "./filter-cases.js";
import { longLog, positionOf, shortLog } from "./filter-log.js";
import type { TestCase } from "./test-case.js";

/** Which events a filter matches, wherever a filter can be given. */
export function describeFilters(contract: Contract): void {
  const { describe } = contract;
  const short = shortLog(contract);
  const long = longLog(contract);
  describe("a filter, in a short log, by", () => {
    for (const filterCase of [...everything, ...selective]) itMatches(contract, short, filterCase);
  });
  describe("a filter, in a long log, by", () => {
    for (const filterCase of selective) itMatches(contract, long, filterCase);
  });
  describeFilterRules(contract);
}

function itMatches({ it }: Contract, log: Fixture, [name, filter, matching]: FilterCase): void {
  const expected = [...matching];
  it(name, async (t) => {
    await log(t);
    deepStrictEqual(dataOf(await all(t.client.replay({ filter }))), expected);
    const backwards = t.client.replay({ filter, backwards: true });
    deepStrictEqual(dataOf(await all(backwards)), expected.toReversed());
    await limits(t, filter, expected);
    await subscribes(t, filter, expected);
    await conflicts(t, filter, expected);
    await reads(t, filter, expected);
  });
}

async function limits(t: TestCase, filter: Filter, expected: readonly string[]): Promise<void> {
  const two = t.client.replay({ filter, limit: 2 });
  deepStrictEqual(dataOf(await all(two)), expected.slice(0, 2));
  const within = t.client.replay({ filter, from: 2, to: 7, backwards: true });
  const inRange = expected.filter((label) => positionOf(label) >= 2 && positionOf(label) <= 7);
  deepStrictEqual(dataOf(await all(within)), inRange.toReversed());
}

async function subscribes(t: TestCase, filter: Filter, expected: readonly string[]): Promise<void> {
  const followed = t.follow({ filter });
  await followed.until("caught-up");
  deepStrictEqual(dataOf(followed.events), expected);
  const later = t.follow({ filter, start: { after: 5n } });
  await later.until("caught-up");
  const after = expected.filter((label) => positionOf(label) > 5);
  deepStrictEqual(dataOf(later.events), after);
}

/** An append that is refused anyway tells whether, and where, the filter matches. */
async function conflicts(t: TestCase, filter: Filter, expected: readonly string[]): Promise<void> {
  const conditions = [
    { noEventMatches: filter },
    { noEventMatches: filter, after: 5n },
    { stream: "order-1", expect: "no-stream" } as const,
  ];
  const error = await failureOf(t.client.append("elsewhere", newEvent(), { conditions }));
  const { violations } = error as { violations: { condition: number; position?: bigint }[] };
  const found = violations.map(({ condition, position }) => [condition, Number(position ?? 0)]);
  const first = expected.slice(0, 1).map((label) => [0, positionOf(label)]);
  const later = expected.filter((label) => positionOf(label) > 5).slice(0, 1);
  deepStrictEqual(found, [...first, ...later.map((label) => [1, positionOf(label)]), [2, 0]]);
}

/** Of one stream. */
async function reads(t: TestCase, filter: Filter, expected: readonly string[]): Promise<void> {
  const own = expected.filter((label) => ["a", "b", "l"].includes(label));
  const read = t.client.read("order-1", { filter });
  deepStrictEqual(dataOf(await read.toArray()), own);
  const last = t.client.read("order-1", { filter, backwards: true, limit: 1 });
  deepStrictEqual(dataOf(await last.toArray()), own.slice(-1));
}

function describeFilterRules({ describe, it }: Contract): void {
  describe("a filter", () => {
    const wrong: readonly (readonly [name: string, filter: Filter, field: string])[] = [
      ["an empty type", { types: ["a", ""] }, "any_of[0].types[1]"],
      ["an empty tag", { tags: [""] }, "any_of[0].tags[0]"],
      ["an empty stream", { stream: "" }, "any_of[0].stream"],
      ["a reserved category", [{ tags: ["a"] }, { category: "$a" }], "any_of[1].category"],
      ["a reserved type", { types: ["$a"] }, "any_of[0].types[0]"],
      ["a control character", { tags: ["a\nb"] }, "any_of[0].tags[0]"],
    ];
    for (const [name, filter, field] of wrong) {
      it(`with ${name} is refused, wherever it is given`, async (t) => {
        await t.client.append("a", newEvent());
        await invalid(t.client.replay({ filter }), `filter.${field}`);
        await invalid(t.client.read("a", { filter }), `filter.${field}`);
        await invalid(frames(t, filter), `filter.${field}`);
        const conditions = [{ noEventMatches: filter }];
        const append = t.client.append("a", newEvent(), { conditions });
        await invalid(append, `conditions[0].query.filter.${field}`);
      });
    }
  });
}

function frames(t: TestCase, filter: Filter): AsyncIterable<SubscriptionFrame> {
  return t.client.subscribe({ filter }).frames();
}
