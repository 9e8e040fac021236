import type { Filter, FilterClause } from "@varve/proto";
import type { EventHeader } from "../format/recorded-event.js";
import { FILTER_CLAUSES_MAX, FILTER_TYPES_MAX, type Limits } from "../limits.js";
import { categoryOf } from "../names.js";
import type { FieldChecks } from "./fields.js";

/** One alternative of a filter; absent parts match anything. Each name is there once, in order. */
export interface Clause {
  /** Exact types, and prefixes without their `*`. */
  readonly types?: { readonly exact: readonly string[]; readonly prefixes: readonly string[] };
  /** All of them. */
  readonly tags: readonly string[];
  readonly stream?: string;
  readonly category?: string;
}

/** Matches an event that matches any clause; every event if there is none. */
export type EventFilter = readonly Clause[];

export const everything: EventFilter = [];

export function matchesFilter(filter: EventFilter, event: EventHeader): boolean {
  return filter.length === 0 || filter.some((clause) => matchesClause(clause, event));
}

function matchesClause(clause: Clause, event: EventHeader): boolean {
  if (clause.stream !== undefined && clause.stream !== event.stream) return false;
  if (clause.category !== undefined && clause.category !== categoryOf(event.stream)) return false;
  if (!clause.tags.every((tag) => event.tags.includes(tag))) return false;
  if (clause.types === undefined) return true;
  const { exact, prefixes } = clause.types;
  return exact.includes(event.type) || prefixes.some((prefix) => event.type.startsWith(prefix));
}

/** What tells a clause from others that match other events. */
export function clauseKey({ types, tags, stream, category }: Clause): string {
  return JSON.stringify([tags, types?.exact, types?.prefixes, stream, category]);
}

/**
 * What it takes to look whether an event matches, in look-ups of the index, about. That
 * of an ordinary filter is far below one.
 */
export function filterCost(filter: EventFilter): number {
  let comparisons = 0;
  for (const { tags, types } of filter) {
    comparisons += 1 + tags.length;
    if (types) comparisons += types.exact.length / 8 + types.prefixes.length / 2;
  }
  return comparisons / COMPARISONS_PER_LOOK_UP;
}

const COMPARISONS_PER_LOOK_UP = 32;

/** The filter of a request, each of its clauses once. Adds what is wrong with it to `checks`. */
export function parseFilter(
  checks: FieldChecks,
  field: string,
  filter: Filter | undefined,
  limits: Limits,
): EventFilter {
  const clauses = filter?.anyOf ?? [];
  checks.count(`${field}.any_of`, clauses.length, FILTER_CLAUSES_MAX);
  const parsed = clauses
    .slice(0, FILTER_CLAUSES_MAX)
    .map((clause, i) => parseClause(checks, `${field}.any_of[${i}]`, clause, limits));
  return parsed.length > 1 ? uniqueClauses(parsed) : parsed;
}

function uniqueClauses(clauses: readonly Clause[]): EventFilter {
  return [...new Map(clauses.map((clause) => [clauseKey(clause), clause])).values()];
}

function parseClause(
  checks: FieldChecks,
  field: string,
  clause: FilterClause,
  limits: Limits,
): Clause {
  const { source } = clause;
  const types = unique(clause.types);
  const tags = unique(clause.tags);
  if (types.length === 0 && tags.length === 0 && source.value === undefined) {
    checks.add(field, "must have types, tags, a stream or a category");
  }
  checks.count(`${field}.types`, types.length, FILTER_TYPES_MAX);
  checks.count(`${field}.tags`, tags.length, limits.tagsMax);
  // Named by the places in which they were sent.
  clause.types.forEach((type, i) => {
    checkType(checks, `${field}.types[${i}]`, type, limits);
  });
  clause.tags.forEach((tag, i) => {
    checks.name(`${field}.tags[${i}]`, tag, limits.tagBytesMax);
  });
  // An empty category is one: that of streams whose names begin with "-".
  if (source.case === "stream" || source.value) {
    checks.name(`${field}.${source.case}`, source.value, limits.streamNameBytesMax);
  }
  return {
    tags,
    ...(types.length > 0 && { types: splitTypes(types) }),
    ...(source.case === "stream" && { stream: source.value }),
    ...(source.case === "category" && { category: source.value }),
  };
}

/** A lone "*" is a prefix too: that of every type. */
function checkType(checks: FieldChecks, field: string, type: string, limits: Limits): void {
  const isPrefix = type.endsWith("*");
  if (type !== "*") checks.name(field, type, limits.typeBytesMax + (isPrefix ? 1 : 0));
}

function splitTypes(types: readonly string[]): NonNullable<Clause["types"]> {
  const isPrefix = (type: string): boolean => type.endsWith("*");
  return {
    exact: unique(types.filter((type) => !isPrefix(type))),
    prefixes: unique(types.filter(isPrefix).map((type) => type.slice(0, -1))),
  };
}

/** Each name once, in an order that does not depend on that in which they were sent. */
function unique(names: readonly string[]): string[] {
  return names.length > 1 ? [...new Set(names)].sort() : [...names];
}
