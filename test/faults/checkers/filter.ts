import { create } from "@bufbuild/protobuf";
import { type FilterClause, FilterClauseSchema } from "@varve/proto";
import type { ClauseInit } from "../../src/support/requests.ts";

/** What a filter looks at. */
export interface Filtered {
  readonly stream: string;
  readonly type: string;
  readonly tags: readonly string[];
}

export function toClauses(clauses: readonly ClauseInit[]): FilterClause[] {
  return clauses.map((clause) => create(FilterClauseSchema, clause));
}

/** Everything matches a filter without clauses. Written apart from the engine's, to judge it. */
export function matchesFilter(filter: readonly FilterClause[], event: Filtered): boolean {
  return filter.length === 0 || filter.some((clause) => matchesClause(clause, event));
}

export function matchesClause({ source, tags, types }: FilterClause, event: Filtered): boolean {
  if (source.case === "stream" && source.value !== event.stream) return false;
  if (source.case === "category" && source.value !== event.stream.split("-", 1)[0]) return false;
  if (!tags.every((tag) => event.tags.includes(tag))) return false;
  return types.length === 0 || types.some((type) => matchesType(type, event.type));
}

function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
