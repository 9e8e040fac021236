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
import { decodePostings, POSTINGS_BYTES_MAX } from "../format/postings.js";
import { type Database, readChunk } from "../log/database.js";
import type { Clause, EventFilter } from "../request/filter.js";
import { chunkedCursor, type ReadMatches } from "./chunked-cursor.js";
import { intersection, type Rest, union } from "./combine.js";
import type { Cursor, Direction } from "./cursor.js";
import type { SearchBudget } from "./search-budget.js";
import type { StreamIndex } from "./stream-index.js";

/** Types that prefixes may stand for before reading the whole log is cheaper. */
const PREFIX_TYPES_MAX = 512;

/** Entries that the cursors of one filter together may have read ahead, about. */
const READ_AHEAD_MAX = 8192;

/** What the cursors of a filter have in common. */
class Plan {
  #cursors = 0;
  readonly rest: Rest;

  constructor(
    readonly direction: Direction,
    readonly budget: SearchBudget,
  ) {
    this.rest = () => budget.spend(0);
  }

  cursor(read: ReadMatches): Cursor {
    const { turns } = this.budget;
    this.#cursors++;
    turns.openCursor();
    const lookUp: ReadMatches = (target, limit) => this.budget.lookUp(() => read(target, limit));
    const share = () => Math.min(turns.readAheadMax, Math.ceil(READ_AHEAD_MAX / this.#cursors));
    return chunkedCursor(lookUp, this.direction, share);
  }

  close(): void {
    this.budget.turns.closeCursors(this.#cursors);
    this.#cursors = 0;
  }
}

/** A cursor that holds on to what it has read until it is disposed of. */
export interface PlannedCursor extends Cursor, Disposable {}

/**
 * A cursor over exactly the events that match a filter, from the index alone.
 * `undefined` if the index does not help: the filter matches everything, or its
 * prefixes stand for too many types. Throws what ends the search, see `SearchBudget`.
 */
export async function planFilter(
  db: Database,
  streams: StreamIndex,
  filter: EventFilter,
  direction: Direction,
  budget: SearchBudget,
): Promise<PlannedCursor | undefined> {
  const plan = new Plan(direction, budget);
  try {
    const cursor = await planClauses(db, streams, filter, plan);
    if (cursor) return { seek: cursor.seek, [Symbol.dispose]: () => plan.close() };
  } catch (error) {
    plan.close();
    throw error;
  }
  plan.close();
  return undefined;
}

async function planClauses(
  db: Database,
  streams: StreamIndex,
  filter: EventFilter,
  plan: Plan,
): Promise<Cursor | undefined> {
  const clauses: Cursor[] = [];
  for (const clause of filter) {
    const parts = await planClause(db, streams, clause, plan);
    if (!parts) return undefined;
    clauses.push(intersection(parts, plan.direction, plan.rest));
  }
  return clauses.length === 0 ? undefined : union(clauses, plan.direction, plan.rest);
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
    const types = await expandTypes(db, clause.types, plan.budget);
    if (!types) return undefined;
    const cursors = types.map((type) => term(KeySpace.type, type));
    parts.push(cursors.length > 0 ? union(cursors, direction, plan.rest) : nothing);
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
    const bytesMax = limit * POSTINGS_BYTES_MAX;
    const entries = await readChunk(db, { ...range, fillCache: true }, limit, bytesMax);
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
  budget: SearchBudget,
): Promise<readonly string[] | undefined> {
  const types = new Set(exact);
  for (const prefix of prefixes) {
    const end = prefixEnd(KeySpace.type, prefix);
    let from = prefixKey(KeySpace.type, prefix);
    for (;;) {
      const range = { gte: from, lt: end };
      const [entry] = await budget.lookUp(() => readChunk(db, range, 1));
      if (!entry) break;
      const type = keyName(entry[0]);
      if (types.add(type).size > PREFIX_TYPES_MAX) return undefined;
      from = namedRangeEnd(KeySpace.type, type);
    }
  }
  return [...types];
}
