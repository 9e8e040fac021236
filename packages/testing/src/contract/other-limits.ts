import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Filter, FilterClause, NewSnapshot } from "@varve/client";
import type { Limits } from "@varve/engine";
import { all, invalid, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, range, text } from "./events.js";
import type { TestCase } from "./test-case.js";

/** What a filter may have so much of, and where it is told that it has more. */
const filterEdges: readonly (readonly [
  name: string,
  maximum: keyof Limits | number,
  filter: (size: number) => Filter,
  field: string,
])[] = [
  ["clauses", 32, (size) => range(1, size).map((n) => ({ tags: [`${n}`] })), "any_of"],
  ["types", 64, (size) => ({ types: range(1, size).map((n) => `t${n}`) }), "any_of[0].types"],
  ["tags", "tagsMax", (size) => ({ tags: range(1, size).map((n) => `${n}`) }), "any_of[0].tags"],
  ["bytes of a tag", "tagBytesMax", (size) => ({ tags: [text(size)] }), "any_of[0].tags[0]"],
  [
    "bytes of a stream",
    "streamNameBytesMax",
    (size) => ({ stream: text(size) }),
    "any_of[0].stream",
  ],
  [
    "bytes of a category",
    "streamNameBytesMax",
    (size) => ({ category: text(size) }),
    "any_of[0].category",
  ],
  [
    "bytes of a prefix of types",
    "typeBytesMax",
    (size) => ({ types: [`${text(size)}*`] }),
    "any_of[0].types[0]",
  ],
];

/** How much filters, snapshots and names may hold: exactly the maximum, and not one more. */
export function describeOtherLimits(contract: Contract): void {
  describeFilterLimits(contract);
  describeSnapshotLimits(contract);
  describeNameLimits(contract);
  describeConditionCost(contract);
}

function describeFilterLimits({ describe, it }: Contract): void {
  describe("a filter at its limits", () => {
    for (const [name, maximum, filter, field] of filterEdges) {
      it(`may have the maximum of ${name}, and not one more`, async (t) => {
        const size = typeof maximum === "number" ? maximum : t.limits[maximum];
        await t.client.append("a", newEvent());
        deepStrictEqual(await all(t.client.replay({ filter: filter(size) })), []);
        await invalid(t.client.replay({ filter: filter(size + 1) }), `filter.${field}`);
        const conditions = [{ noEventMatches: filter(size + 1) }];
        const append = t.client.append("a", newEvent(), { conditions });
        await invalid(append, `conditions[0].query.filter.${field}`);
        strictEqual((await t.client.status()).head, 1n);
      });
    }

    it("finds the event at the limits of an event", async (t) => {
      const { typeBytesMax, tagBytesMax, streamNameBytesMax } = t.limits;
      const type = text(typeBytesMax);
      const stream = text(streamNameBytesMax);
      await t.client.append(stream, newEvent({ type, tags: [text(tagBytesMax)] }));
      await t.restart();
      const filter = { types: [type, `${type}*`], tags: [text(tagBytesMax)], category: stream };
      strictEqual((await all(t.client.replay({ filter }))).length, 1);
    });
  });
}

const snapshotEdges: readonly (readonly [
  name: string,
  maximum: keyof Limits | number,
  snapshot: (size: number) => Partial<NewSnapshot> & { readonly data?: Uint8Array },
  field: string,
])[] = [
  [
    "bytes of data",
    "snapshotBytesMax",
    (size) => ({ data: new Uint8Array(size).fill(1) }),
    "snapshot.data",
  ],
  [
    "bytes of a schema type",
    "typeBytesMax",
    (size) => ({ schemaType: text(size) }),
    "snapshot.schema_type",
  ],
  [
    "bytes of a content type",
    256,
    (size) => ({ contentType: "a".repeat(size) }),
    "snapshot.content_type",
  ],
];

function describeSnapshotLimits({ describe, it }: Contract): void {
  const smallest = { stream: "a", revision: 0, schemaType: "s", data: new Uint8Array(1) };
  describe("a snapshot at its limits", () => {
    for (const [name, maximum, snapshot, field] of snapshotEdges) {
      it(`may have the maximum of ${name}, and not one more`, async (t) => {
        const size = typeof maximum === "number" ? maximum : t.limits[maximum];
        await t.client.append("a", newEvent());
        const tooLarge = { ...smallest, ...snapshot(size + 1) };
        await invalid(t.client.saveSnapshot(tooLarge), field);
        strictEqual(await t.client.getSnapshot("a"), undefined);
        const largest = { ...smallest, ...snapshot(size) };
        strictEqual(await t.client.saveSnapshot(largest), true);
        await t.restart();
        const saved = await t.client.getSnapshot("a");
        strictEqual(saved?.bytes.length, largest.data.length);
        strictEqual(saved?.schemaType, largest.schemaType);
      });
    }
  });
}

function describeNameLimits({ describe, it }: Contract): void {
  describe("the longest name of a stream", () => {
    it("may be asked for, and none longer", async (t) => {
      const name = text(t.limits.streamNameBytesMax);
      await t.client.append(name, newEvent());
      await t.restart();
      strictEqual((await t.client.getStream(name))?.eventCount, 1n);
      strictEqual((await t.client.read(name).toArray()).length, 1);
      strictEqual((await all(t.client.listStreams({ prefix: name }))).length, 1);
      strictEqual(await t.client.getSnapshot(name), undefined);
      await tooLong(t, `${name}x`);
    });
  });
}

async function tooLong(t: TestCase, name: string): Promise<void> {
  await invalid(t.client.getStream(name), "stream");
  await invalid(t.client.read(name), "stream");
  await invalid(t.client.listStreams({ prefix: name }), "prefix");
  await invalid(t.client.getSnapshot(name), "stream");
  const snapshot = { stream: name, revision: 0, schemaType: "s", data: 0 };
  await invalid(t.client.saveSnapshot(snapshot), "snapshot.stream");
}

/** What the conditions of one append may take, however few bytes they have. */
function describeConditionCost({ describe, it }: Contract): void {
  describe("query conditions that take many look-ups", () => {
    it("are refused beyond the limit, and taken if they are narrowed", async (t) => {
      const { conditions, head } = await logToSearch(t);
      const append = t.client.append("a", newEvent(), { conditions });
      const error = await rejects(append, "SEARCH_TOO_BROAD");
      const maximum = String(t.limits.conditionLookUpsMax);
      strictEqual(error.metadata.limit, "conditionLookUpsMax");
      strictEqual(error.metadata.maximum, maximum);
      ok(Number(error.metadata.condition) < conditions.length);
      strictEqual((await t.client.status()).head, head);
      const narrowed = conditions.map((condition) => ({ ...condition, after: head }));
      await t.client.append("a", newEvent(), { conditions: narrowed });
    });

    it("are looked up once if they are equal, in whatever order their parts are", async (t) => {
      const { conditions, head } = await logToSearch(t);
      const [first] = conditions;
      const reversed = { noEventMatches: first?.noEventMatches.toReversed() ?? [] };
      const equal = conditions.map((_, n) => (n % 2 === 0 && first ? first : reversed));
      const { firstPosition } = await t.client.append("a", newEvent(), { conditions: equal });
      strictEqual(firstPosition, head + 1n);
    });
  });
}

/** A log, and conditions that match none of its events: each by itself keeps the limit, all do not. */
async function logToSearch(t: TestCase): Promise<{
  readonly conditions: { readonly noEventMatches: readonly FilterClause[] }[];
  readonly head: bigint;
}> {
  const { appendEventsMax, conditionLookUpsMax } = t.limits;
  const events = Math.max(600, Math.ceil(conditionLookUpsMax / 100));
  for (let left = events; left > 0; left -= appendEventsMax) {
    await t.client.append("s", newEvents(Math.min(left, appendEventsMax)));
  }
  const [count, clauses] = conditionLookUpsMax > 10_000 ? [64, 32] : [8, 2];
  const conditions = range(1, count).map((n) => ({
    noEventMatches: range(1, clauses).map(
      (k): FilterClause => ({ types: [`${n}.*`, `${n}.${k}`] }),
    ),
  }));
  return { conditions, head: BigInt(events) };
}
