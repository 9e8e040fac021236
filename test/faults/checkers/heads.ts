import { create } from "@bufbuild/protobuf";
import { type Condition, ConditionSchema, StreamState } from "@varve/proto";
import type { ConditionInit } from "../../src/support/requests.ts";
import type { FoundState } from "../history.ts";
import type { StoredLog } from "./stored-log.ts";

/** A run of heads, both inclusive; none if the last is before the first. */
export interface Heads {
  readonly first: number;
  readonly last: number;
}

const NONE: Heads = { first: 1, last: 0 };

export function intersect(a: Heads, b: Heads): Heads {
  return { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) };
}

export function isEmpty({ first, last }: Heads): boolean {
  return last < first;
}

export function contains({ first, last }: Heads, head: number): boolean {
  return first <= head && head <= last;
}

/** At which heads a condition holds. As the log only grows, that is always one run. */
export function whereHolds(log: StoredLog, init: ConditionInit): Heads {
  const { kind } = create(ConditionSchema, init);
  if (kind.case === "stream") {
    const { stream, expected } = kind.value;
    if (expected.case === "revision") return whereLast(log, stream, Number(expected.value));
    if (expected.value === StreamState.NO_STREAM) return whereLast(log, stream, undefined);
    const first = log.positionOf(stream, 0);
    return first === undefined ? NONE : { first, last: Number.POSITIVE_INFINITY };
  }
  if (kind.case !== "query") return NONE;
  const after = Number(kind.value.after ?? 0n);
  const match = log.firstMatch(kind.value.filter?.anyOf ?? [], after);
  return { first: after, last: match === undefined ? Number.POSITIVE_INFINITY : match - 1 };
}

/** At which heads what a conflict says was found is so, and breaks the condition. */
export function whereFound(log: StoredLog, init: ConditionInit, found: FoundState): Heads {
  const { kind } = create(ConditionSchema, init);
  if (kind.case === "stream" && found.case === "stream") {
    const where = whereLast(log, kind.value.stream, found.lastRevision);
    return isEmpty(intersect(where, whereHolds(log, init))) ? where : NONE;
  }
  if (kind.case !== "query" || found.case !== "query") return NONE;
  const after = Number(kind.value.after ?? 0n);
  const match = log.firstMatch(kind.value.filter?.anyOf ?? [], after);
  if (match !== found.position) return NONE;
  return { first: match, last: Number.POSITIVE_INFINITY };
}

/** For messages. */
export function conditionText(init: ConditionInit): string {
  const { kind }: Condition = create(ConditionSchema, init);
  if (kind.case === "stream") {
    const { stream, expected } = kind.value;
    if (expected.case === "revision") return `${stream} at revision ${expected.value}`;
    return expected.value === StreamState.NO_STREAM ? `no stream ${stream}` : `${stream} exists`;
  }
  if (kind.case !== "query") return "nothing";
  const clauses = (kind.value.filter?.anyOf ?? []).map(({ types, tags, source }) =>
    [...types, ...tags, ...(source.value === undefined ? [] : [source.value])].join(" and "),
  );
  return `no match of (${clauses.join(" or ")}) after ${kind.value.after ?? 0n}`;
}

/** At which heads a stream has this last revision; `undefined` for a stream without events. */
function whereLast(log: StoredLog, stream: string, revision: number | undefined): Heads {
  const first = revision === undefined ? 0 : log.positionOf(stream, revision);
  if (first === undefined) return NONE;
  const next = log.positionOf(stream, revision === undefined ? 0 : revision + 1);
  return { first, last: next === undefined ? Number.POSITIVE_INFINITY : next - 1 };
}
