import fc from "fast-check";
import type { Clause, ModelCondition, ModelEvent, Range } from "./model.js";

const streams: fc.Arbitrary<string> = fc.constantFrom(
  "order-1",
  "order-2",
  "order",
  "cart-1",
  "über-1",
);
/** Also the same one twice: it is stored as it was sent, and means what it means once. */
const tags = fc.array(fc.constantFrom("t:1", "t:2", "t:3"), { maxLength: 3 });

export const events: fc.Arbitrary<ModelEvent> = fc.record({
  stream: streams,
  type: fc.constantFrom("order.Placed", "order.line.Added", "orders", "cart.Opened"),
  tags,
  value: fc.integer(),
});

/** Mostly few, sometimes more than one block holds. */
export const batches: fc.Arbitrary<ModelEvent[]> = fc.oneof(
  { weight: 9, arbitrary: fc.array(events, { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.array(events, { minLength: 300, maxLength: 600 }) },
);

const types = fc.array(fc.constantFrom("order.*", "order.Placed", "order*", "cart.Opened", "no"), {
  minLength: 1,
  maxLength: 5,
});

const places: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({ stream: streams }),
  fc.record({ category: fc.constantFrom("order", "cart", "über", "none") }),
);

const clauses: fc.Arbitrary<Clause> = fc
  .record({ types, tags, place: places }, { requiredKeys: [] })
  .map(({ place, ...rest }): Clause => ({ ...rest, ...place }))
  .filter(({ tags: wanted, ...rest }) => Boolean(wanted?.length) || Object.keys(rest).length > 0);

export const filters: fc.Arbitrary<Clause[]> = fc.array(clauses, { minLength: 1, maxLength: 3 });

/** `after` counts back from the head, so that it is never beyond it. */
export type DraftCondition =
  | Exclude<ModelCondition, { after: number }>
  | { readonly noEventMatches: readonly Clause[]; readonly behind: number };

export const conditions: fc.Arbitrary<DraftCondition[]> = fc.array(
  fc.oneof(
    fc.record({
      stream: streams,
      expect: fc.oneof(
        fc.constantFrom("no-stream" as const, "exists" as const),
        fc.nat({ max: 5 }),
      ),
    }),
    fc.record({ noEventMatches: filters, behind: fc.nat({ max: 10 }) }),
  ),
  { maxLength: 2 },
);

export const ranges: fc.Arbitrary<Range> = fc.record({
  from: fc.nat({ max: 30 }),
  to: fc.oneof(fc.nat({ max: 60 }), fc.constant(1_000_000)),
  backwards: fc.boolean(),
  limit: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
});

export { streams };
