import { create } from "@bufbuild/protobuf";
import {
  FilterClauseSchema,
  FilterSchema,
  type FilterClause as ProtoClause,
  type Filter as ProtoFilter,
} from "@varve/proto";
import type { Filter, FilterClause } from "../types.js";
import { checkString, checkStrings } from "./checks.js";
import { checkMembers, membersOf } from "./members.js";

const CLAUSE = membersOf<FilterClause>({ types: true, tags: true, stream: true, category: true });

/**
 * A filter for the wire; `path` is where the caller gave it. Throws `TypeError` where a
 * filter would quietly mean something else than it says: no clauses at all, an empty list
 * of types, a stream together with a category, a member that it does not have, an asterisk
 * that is not at the end of a type.
 */
export function encodeFilter(filter: Filter, path: string = "filter"): ProtoFilter {
  const clauses = isClauses(filter)
    ? filter.map((clause, i) => encodeClause(clause, `${path}[${i}]`))
    : [encodeClause(filter, path)];
  if (clauses.length === 0) {
    throw new TypeError(`${path} needs a clause; {} is the one that matches every event`);
  }
  // A clause without fields matches everything, and with it the whole filter does.
  return create(FilterSchema, { anyOf: clauses.some(isEmpty) ? [] : clauses });
}

function isClauses(filter: Filter): filter is readonly FilterClause[] {
  return Array.isArray(filter);
}

function isEmpty({ types, tags, source }: ProtoClause): boolean {
  return types.length === 0 && tags.length === 0 && source.case === undefined;
}

function encodeClause(clause: FilterClause, path: string): ProtoClause {
  checkMembers(clause, CLAUSE, path);
  const types = checkStrings(clause.types, path, ".types");
  if (clause.types !== undefined && types.length === 0) {
    throw new TypeError(`${path}.types must name a type; leave it out to match every type`);
  }
  types.forEach((type, i) => void checkPattern(type, `${path}.types[${i}]`));
  const tags = checkStrings(clause.tags, path, ".tags");
  return create(FilterClauseSchema, { types, tags, source: encodeSource(clause, path) });
}

/** Anywhere else than at the end an asterisk would be taken as itself, and match nothing. */
function checkPattern(type: string, path: string): void {
  const asterisk = type.indexOf("*");
  if (asterisk === -1 || asterisk === type.length - 1) return;
  throw new TypeError(
    `${path} is ${JSON.stringify(type)}: an asterisk stands for the rest of a type, so it can only be the last character`,
  );
}

function encodeSource({ stream, category }: FilterClause, path: string): ProtoClause["source"] {
  if (stream !== undefined && category !== undefined) {
    throw new TypeError(`${path} takes a stream or a category, not both`);
  }
  if (stream !== undefined) return { case: "stream", value: checkString(stream, path, ".stream") };
  if (category !== undefined) {
    return { case: "category", value: checkString(category, path, ".category") };
  }
  return { case: undefined };
}
