import { Direction, type RecordedEvent } from "@varve/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { positions, range, replay } from "../support/frames.js";
import { type ClauseInit, newEvent, newEvents, ofCategory, ofStream } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

const types = ["order.Placed", "order.line.Added", "order.line.Removed", "orders", "stock.Moved"];
const tags = ["customer:1", "customer:2", "region:north", "vip"];
const streams = ["order-1", "order-2", "order", "stock-1", "stock-1-a", "orders-1"];

/** What the filter says, computed from the events themselves. */
function matches(anyOf: readonly ClauseInit[], { stream, event }: RecordedEvent): boolean {
  const category = stream.split("-")[0] as string;
  const matchesType = (pattern: string): boolean =>
    pattern.endsWith("*")
      ? event?.type.startsWith(pattern.slice(0, -1)) === true
      : event?.type === pattern;
  const matchesClause = ({ types = [], tags = [], source }: ClauseInit): boolean =>
    (types.length === 0 || types.some(matchesType)) &&
    tags.every((tag) => event?.tags.includes(tag)) &&
    (source?.case !== "stream" || source.value === stream) &&
    (source?.case !== "category" || source.value === category);
  return anyOf.length === 0 || anyOf.some(matchesClause);
}

/**
 * Many events with all kinds of streams, types and tags, in appends of all sizes.
 * More than the server looks through without its index.
 */
async function withMixedLog(count: number): Promise<StoreClient> {
  const { client } = await startTestServer();
  for (let n = 0; n < count; ) {
    const size = Math.min(1 + ((n * 7) % 400), count - n);
    await client.append({ events: range(n, n + size - 1).map(mixedEvent) });
    n += size;
  }
  return client;
}

/** Spreads so that some combinations are rare and come in runs. */
function mixedEvent(n: number): ReturnType<typeof newEvent> {
  const mixed = (n * 2_654_435_761) % 4_294_967_296;
  const stream = streams[Math.floor(mixed / 3) % streams.length] as string;
  const type = types[Math.floor(mixed / 64) % types.length] as string;
  const chosen = tags.filter((_, i) => Math.floor(n / 40 + mixed / 999) % (i + 2) === 0);
  return newEvent(stream, { type, tags: chosen });
}

const clause: fc.Arbitrary<ClauseInit> = fc
  .record({
    types: fc.subarray([...types, "order.*", "order.line.*", "o*", "*", "nothing", "no.*"], {
      maxLength: 3,
    }),
    tags: fc.subarray([...tags, "customer:"], { maxLength: 2 }),
    source: fc.option(
      fc.oneof(
        fc.constantFrom(...streams, "order-3").map((value) => ofStream(value).source),
        fc.constantFrom("order", "stock", "ord").map((value) => ofCategory(value).source),
      ),
      { nil: undefined },
    ),
  })
  .filter(({ types, tags, source }) => types.length + tags.length > 0 || source !== undefined)
  .map(({ source, ...rest }) => ({ ...rest, ...(source && { source }) }));

describe("a replay with a filter", () => {
  it("gives exactly the events that match, for any filter, range, direction and limit", async () => {
    const count = 6000;
    const client = await withMixedLog(count);
    const all = (await replay(client)).events;
    expect(all).toHaveLength(count);
    const position = fc.integer({ min: 1, max: count });
    const check = async (
      anyOf: ClauseInit[],
      from: number,
      to: number,
      isBackwards: boolean,
      limit: number | undefined,
    ): Promise<void> => {
      const { events, progress } = await replay(client, {
        filter: { anyOf },
        fromPosition: BigInt(from),
        toPosition: BigInt(to),
        direction: isBackwards ? Direction.BACKWARDS : Direction.FORWARDS,
        ...(limit !== undefined && { limit: BigInt(limit) }),
      });
      const inRange = all.slice(from - 1, Math.max(from - 1, to));
      const ordered = isBackwards ? inRange.toReversed() : inRange;
      const expected = ordered.filter((event) => matches(anyOf, event)).slice(0, limit);
      expect(positions(events)).toEqual(positions(expected));
      expect(progress).toEqual(progress.toSorted((a, b) => Number(isBackwards ? b - a : a - b)));
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(clause, { minLength: 1, maxLength: 4 }),
        fc.oneof(fc.constant(1), position),
        fc.oneof(fc.constant(count), position),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
        check,
      ),
      { numRuns: 120 },
    );
  });

  const clauses: [string, ClauseInit[], number[]][] = [
    ["an exact type", [{ types: ["a.b"] }], [1, 4]],
    ["a type that only begins alike", [{ types: ["a"] }], []],
    ["a prefix", [{ types: ["a.*"] }], [1, 2, 4]],
    ["a prefix that ends inside a word", [{ types: ["a.b*"] }], [1, 2, 4]],
    ["every type", [{ types: ["*"] }], range(1, 5)],
    ["a tag", [{ tags: ["t:1"] }], [1, 3]],
    ["two tags", [{ tags: ["t:1", "t:2"] }], [3]],
    ["the same tag twice", [{ tags: ["t:1", "t:1"] }], [1, 3]],
    ["a category", [ofCategory("x")], [1, 3, 5]],
    ["a stream", [ofStream("x")], [5]],
    ["all of a clause", [{ types: ["a.*"], tags: ["t:1"], ...ofCategory("x") }], [1]],
    ["any of the clauses", [ofStream("y-1"), { tags: ["t:2"] }], [2, 3, 4]],
    ["two clauses that match the same", [{ types: ["a.b"] }, { types: ["a.*"] }], [1, 2, 4]],
    ["no clause", [], range(1, 5)],
  ];
  describe("of one kind", () => {
    const server = sharedServer((client) =>
      client.append({
        events: [
          newEvent("x-1", { type: "a.b", tags: ["t:1"] }),
          newEvent("y-1", { type: "a.bc" }),
          newEvent("x-2-3", { type: "b", tags: ["t:2", "t:1", "t:1"] }),
          newEvent("y-1", { type: "a.b" }),
          newEvent("x", { type: "B" }),
        ],
      }),
    );

    it.each(clauses)("understands %s", async (_, anyOf, expected) => {
      const { events } = await replay(server().client, { filter: { anyOf } });
      expect(positions(events)).toEqual(expected);
    });
  });

  it("counts a repeated tag once", async () => {
    const { client } = await startTestServer();
    await client.append({ events: [newEvent("s", { tags: ["t", "t", "t"] })] });
    const { events } = await replay(client, { filter: { anyOf: [{ tags: ["t"] }] } });
    expect(positions(events)).toEqual([1]);
  });

  it.each([Direction.FORWARDS, Direction.BACKWARDS])(
    "tells its progress to the end of the range if nothing matches, direction %i",
    async (direction) => {
      const { client } = await startTestServer();
      for (let i = 0; i < 5; i++) await client.append({ events: newEvents("s", 2000) });
      const isBackwards = direction === Direction.BACKWARDS;
      for (const types of [["nothing"], ["no.*"], ["nothing", "no.*"]]) {
        const filter = { anyOf: [{ types }] };
        const { events, progress } = await replay(client, { filter, direction });
        expect(events).toEqual([]);
        expect(progress.at(-1)).toBe(isBackwards ? 1n : 10_000n);
      }
    },
  );

  it("finds events of more types than the index is asked for", async () => {
    const { client } = await startTestServer();
    const events = range(1, 1500).map((n) =>
      newEvent("s", { type: `${n % 2 ? "odd" : "even"}.${n}` }),
    );
    await client.append({ events });
    const answer = await replay(client, { filter: { anyOf: [{ types: ["odd.*"] }] } });
    expect(positions(answer.events)).toEqual(range(1, 1500).filter((n) => n % 2 === 1));
  });

  it("finds names with characters of several bytes", async () => {
    const { client } = await startTestServer();
    const [first, second] = ["größe.Geändert", "größe.Übernommen"];
    await client.append({
      events: [
        newEvent("lager-ä", { type: first, tags: ["ort:köln"] }),
        newEvent("läger-ä", { type: second, tags: ["ort:köln-süd"] }),
      ],
    });
    const found = async (clause: ClauseInit): Promise<number[]> =>
      positions((await replay(client, { filter: { anyOf: [clause] } })).events);
    expect(await found({ types: ["größe.*"] })).toEqual([1, 2]);
    expect(await found({ types: ["größe.Ü*"] })).toEqual([2]);
    expect(await found({ tags: ["ort:köln"] })).toEqual([1]);
    expect(await found(ofCategory("läger"))).toEqual([2]);
    expect(await found(ofStream("lager-ä"))).toEqual([1]);
  });
});
