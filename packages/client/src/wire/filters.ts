import { create } from "@bufbuild/protobuf";
import {
  FilterClauseSchema,
  FilterSchema,
  type FilterClause as ProtoClause,
  type Filter as ProtoFilter,
} from "@varve/proto";
import type { Filter, FilterClause } from "../types.js";
import { checkString } from "./checks.js";

/**
 * A filter for the wire. Throws `TypeError` where a filter would quietly mean
 * something else than it says: no clauses at all, an empty list of types, a
 * stream together with a category.
 */
export function encodeFilter(filter: Filter): ProtoFilter {
  const clauses = isClauses(filter) ? filter : [filter];
  if (clauses.length === 0) {
    throw new TypeError("A filter needs a clause; {} is the one that matches every event");
  }
  const anyOf = clauses.map(encodeClause);
  // A clause without fields matches everything, and with it the whole filter does.
  return create(FilterSchema, { anyOf: clauses.some(isEmpty) ? [] : anyOf });
}

function isClauses(filter: Filter): filter is readonly FilterClause[] {
  return Array.isArray(filter);
}

function isEmpty({ types, tags, stream, category }: FilterClause): boolean {
  return (
    types === undefined &&
    (tags === undefined || tags.length === 0) &&
    stream === undefined &&
    category === undefined
  );
}

function encodeClause(clause: FilterClause): ProtoClause {
  if (clause.types?.length === 0) {
    throw new TypeError("filter.types must name a type; leave it out to match every type");
  }
  return create(FilterClauseSchema, {
    types: clause.types?.map((type) => checkString(type, "filter.types")) ?? [],
    tags: clause.tags?.map((tag) => checkString(tag, "filter.tags")) ?? [],
    source: encodeSource(clause),
  });
}

function encodeSource({ stream, category }: FilterClause): ProtoClause["source"] {
  if (stream !== undefined && category !== undefined) {
    throw new TypeError("A filter clause takes a stream or a category, not both");
  }
  if (stream !== undefined) return { case: "stream", value: checkString(stream, "filter.stream") };
  if (category !== undefined) {
    return { case: "category", value: checkString(category, "filter.category") };
  }
  return { case: undefined };
}
