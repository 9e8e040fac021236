import { create } from "@bufbuild/protobuf";
import { type Condition, ConditionSchema } from "@varve/proto";
import { appendRequest, encodeAppend, randomEvent } from "./events.ts";
import type { Random } from "./random.ts";

/** Tags of each half of the events; each pair of them makes another clause. */
const TAGS = 32;
const EVENTS_PER_APPEND = 100;
/** As many as an append, and a filter, may have. */
const CONDITIONS = 64;
const CLAUSES = 32;

/** Encoded appends of events of which half have tags that the other half have not. */
export function* halves(random: Random, events: number): Generator<Buffer> {
  for (let first = 0; first < events; first += EVENTS_PER_APPEND) {
    const batch = Array.from({ length: EVENTS_PER_APPEND }, (_, n) =>
      randomEvent(random, "halves", { tags: tagsOf(n % 2 === 0 ? "a" : "b") }),
    );
    yield encodeAppend(appendRequest(batch));
  }
}

/** An encoded append whose conditions take as long to look up as those of an append can. */
export function broadAppend(random: Random): Buffer {
  const request = appendRequest([randomEvent(random, "broad")]);
  request.conditions = Array.from({ length: CONDITIONS }, (_, n) => broadCondition(n));
  return encodeAppend(request);
}

/** No event has what any of its clauses asks for. */
function broadCondition(ordinal: number): Condition {
  const anyOf = Array.from({ length: CLAUSES }, (_, i) => {
    const n = ordinal * CLAUSES + i;
    const [a, b, type] = [n % TAGS, Math.floor(n / TAGS) % TAGS, Math.floor(n / TAGS ** 2)];
    const tags = [`a${a}`, `b${b}`];
    // There are more clauses than pairs of tags.
    return type === 0 ? { tags } : { tags, types: ["order.*"] };
  });
  return create(ConditionSchema, { kind: { case: "query", value: { filter: { anyOf } } } });
}

function tagsOf(half: string): string[] {
  return Array.from({ length: TAGS }, (_, n) => `${half}${n}`);
}
