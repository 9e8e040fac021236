import { KeySpace } from "../format/constants.js";
import {
  keyName,
  keyNumber,
  namedRangeEnd,
  prefixEnd,
  prefixKey,
  type TermSpace,
  termKey,
} from "../format/keys.js";
import { decodePostings } from "../format/postings.js";
import { type Database, readChunk, readFirst } from "../log/database.js";
import type { Clause, EventFilter } from "../request/filter.js";
import { chunkedCursor, type ReadMatches } from "./chunked-cursor.js";
import { intersection, union } from "./combine.js";
import type { Cursor, Direction } from "./cursor.js";
import type { StreamIndex } from "./stream-index.js";

/** Types that prefixes may stand for before reading the whole log is cheaper. */
const PREFIX_TYPES_MAX = 512;

/** Matches that all cursors of a filter together may have read ahead, about. */
const READ_AHEAD_MAX = 16_384;

/** What the cursors of a filter have in common. */
class Plan {
  #cursors = 0;

  constructor(readonly direction: Direction) {}

  cursor(read: ReadMatches): Cursor {
    this.#cursors++;
    return chunkedCursor(read, this.direction, () => Math.ceil(READ_AHEAD_MAX / this.#cursors));
  }
}

/**
 * A cursor over exactly the events that match a filter, from the index alone.
 * `undefined` if the index does not help: the filter matches everything, or its
 * prefixes stand for too many types.
 */
export async function planFilter(
  db: Database,
  streams: StreamIndex,
  filter: EventFilter,
  direction: Direction,
): Promise<Cursor | undefined> {
  const plan = new Plan(direction);
  const clauses: Cursor[] = [];
  for (const clause of filter) {
    const parts = await planClause(db, streams, clause, plan);
    if (!parts) return undefined;
    clauses.push(intersection(parts, direction));
  }
  return clauses.length === 0 ? undefined : union(clauses, direction);
}

async function planClause(
  db: Database,
  streams: StreamIndex,
  clause: Clause,
  plan: Plan,
): Promise<readonly Cursor[] | undefined> {
  const { direction } = plan;
  const term = (space: TermSpace, name: string): Cursor =>
    plan.cursor(readTerm(db, space, name, direction));
  const parts = clause.tags.map((tag) => term(KeySpace.tag, tag));
  if (clause.category !== undefined) parts.push(term(KeySpace.category, clause.category));
  if (clause.stream !== undefined) {
    parts.push(plan.cursor(streams.matches(clause.stream, direction)));
  }
  if (clause.types) {
    const types = await expandTypes(db, clause.types);
    if (!types) return undefined;
    const cursors = types.map((type) => term(KeySpace.type, type));
    parts.push(cursors.length > 0 ? union(cursors, direction) : nothing);
  }
  return parts;
}

const nothing: Cursor = { seek: async () => undefined };

/** Matches of a term, in a direction. */
export function readTerm(
  db: Database,
  space: TermSpace,
  name: string,
  direction: Direction,
): ReadMatches {
  const first = termKey(space, name, 0);
  const last = termKey(space, name, Number.MAX_SAFE_INTEGER);
  return async (target, limit) => {
    const bound = termKey(space, name, Math.max(target, 0));
    const range =
      direction === 1 ? { gte: bound, lte: last } : { gte: first, lte: bound, reverse: true };
    const entries = await readChunk(db, { ...range, fillCache: true }, limit);
    return entries.map(([key, value]) => ({
      blockLast: keyNumber(key),
      positions: decodePostings(key, value),
    }));
  };
}

/** Every type that is asked for by name or by prefix, once. */
async function expandTypes(
  db: Database,
  { exact, prefixes }: NonNullable<Clause["types"]>,
): Promise<readonly string[] | undefined> {
  const types = new Set(exact);
  for (const prefix of prefixes) {
    const end = prefixEnd(KeySpace.type, prefix);
    let from = prefixKey(KeySpace.type, prefix);
    for (;;) {
      const entry = await readFirst(db, { gte: from, lt: end });
      if (!entry) break;
      const type = keyName(entry[0]);
      if (types.add(type).size > PREFIX_TYPES_MAX) return undefined;
      from = namedRangeEnd(KeySpace.type, type);
    }
  }
  return [...types];
}
