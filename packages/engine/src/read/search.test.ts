import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { type FilterSchema, ReadRequestSchema, ReadResponseSchema } from "@varve/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventStore } from "../event-store.js";
import {
  append,
  appendRequest,
  findingsIn,
  memoryDatabase,
  replayAll,
  storeOn,
} from "../test-support/requests.js";

interface Draft {
  readonly stream: string;
  readonly type: string;
  readonly tags: string[];
}

type Clause = NonNullable<MessageInitShape<typeof FilterSchema>["anyOf"]>[number] & {
  types: string[];
  tags: string[];
  source?: { case: "stream" | "category"; value: string };
};

const drafts = fc.record<Draft>({
  stream: fc.constantFrom("a-1", "a-2", "ab-1", "b", "b-1"),
  type: fc.constantFrom("x.A", "x.B", "x.c.D", "y", "xy"),
  tags: fc.array(fc.constantFrom("t:1", "t:2", "t:3"), { maxLength: 4 }),
});

const source = fc.oneof(
  fc.record({ case: fc.constant("stream" as const), value: fc.constantFrom("a-1", "b", "none") }),
  fc.record({
    case: fc.constant("category" as const),
    value: fc.constantFrom("a", "ab", "b", "c"),
  }),
);

const clauses = fc
  .record({
    types: fc.array(fc.constantFrom("x.A", "y", "x.*", "x*", "z", "*"), { maxLength: 3 }),
    tags: fc.array(fc.constantFrom("t:1", "t:2", "t:9"), { maxLength: 3 }),
    source: fc.option(source, { nil: undefined }),
  })
  .filter((c) => c.types.length + c.tags.length > 0 || c.source !== undefined)
  .map(({ source: place, ...rest }): Clause => ({ ...rest, ...(place && { source: place }) }));

/** The contract's words, once more and without an index. */
function matches(anyOf: readonly Clause[], event: Draft): boolean {
  if (anyOf.length === 0) return true;
  return anyOf.some(
    ({ types, tags, source: place }) =>
      (types.length === 0 ||
        types.some((t) =>
          t.endsWith("*") ? event.type.startsWith(t.slice(0, -1)) : t === event.type,
        )) &&
      tags.every((tag) => event.tags.includes(tag)) &&
      (place === undefined ||
        (place.case === "stream"
          ? event.stream === place.value
          : event.stream.split("-")[0] === place.value)),
  );
}

/** Appends in groups, so that blocks differ in length. */
async function storeWith(groups: readonly Draft[][], tailBytesMax: number): Promise<EventStore> {
  const store = storeOn(memoryDatabase(), { tailBytesMax });
  for (const group of groups) await append(store, appendRequest(group));
  return store;
}

const logs = fc.array(fc.array(drafts, { minLength: 1, maxLength: 12 }), { maxLength: 12 });

describe("a filtered replay", () => {
  it.each([
    ["from the index", 1],
    ["from memory", 8 * 1024 * 1024],
  ])("gives what matches, no more and in order, %s", async (_, tailBytesMax) => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.array(clauses, { maxLength: 3 }),
        fc.boolean(),
        fc.nat({ max: 150 }),
        fc.nat({ max: 150 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        async (groups, anyOf, backwards, from, to, limit) => {
          const store = await storeWith(groups, tailBytesMax);
          const found = await replayAll(store, {
            filter: { anyOf },
            direction: backwards ? 2 : 1,
            fromPosition: BigInt(from + 1),
            toPosition: BigInt(to + 1),
            ...(limit && { limit: BigInt(limit) }),
          });
          const expected = groups
            .flat()
            .map((event, i) => ({ event, position: i + 1 }))
            .filter(({ position }) => position > from && position <= to + 1)
            .filter(({ event }) => matches(anyOf, event))
            .map(({ position }) => position);
          if (backwards) expected.reverse();
          expect(found.map((e) => Number(e.position))).toEqual(expected.slice(0, limit));
          expect(await findingsIn(store)).toEqual([]);
          await store.close();
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("a read of one stream", () => {
  it("gives its revisions, filtered and cut, in either direction", async () => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.array(clauses, { maxLength: 2 }),
        fc.boolean(),
        fc.nat({ max: 40 }),
        fc.nat({ max: 40 }),
        async (groups, anyOf, backwards, from, to) => {
          const store = await storeWith(groups, 1);
          const request = create(ReadRequestSchema, {
            stream: "a-1",
            filter: { anyOf },
            direction: backwards ? 2 : 1,
            fromRevision: BigInt(from),
            toRevision: BigInt(to),
          });
          const found: number[] = [];
          for await (const bytes of store.read(request)) {
            const { frame } = fromBinary(ReadResponseSchema, bytes);
            if (frame.case === "events") {
              found.push(...frame.value.events.map((e) => Number(e.revision)));
            }
          }
          const expected = groups
            .flat()
            .filter(({ stream }) => stream === "a-1")
            .map((event, revision) => ({ event, revision }))
            .filter(({ revision }) => revision >= from && revision <= to)
            .filter(({ event }) => matches(anyOf, event))
            .map(({ revision }) => revision);
          expect(found).toEqual(backwards ? expected.reverse() : expected);
          await store.close();
        },
      ),
      { numRuns: 200 },
    );
  });
});
