import type { Block } from "../format/block.js";
import type { EventHeader } from "../format/recorded-event.js";
import type { EventLog, PositionRange } from "../log/event-log.js";
import { type EventFilter, filterCost, matchesFilter } from "../request/filter.js";
import type { Cursor } from "./cursor.js";
import { planFilter } from "./plan.js";
import type { SearchBudget } from "./search-budget.js";
import type { StreamIndex } from "./stream-index.js";

/** Encoded events, which have numbers without gaps: those of a block by position, of a stream by revision. */
export interface NumberedEvents {
  /** From one number to another, both inclusive, as they are served. */
  slice(first: number, last: number): Buffer;
  /** What filters look at, of one event. */
  header(number: number): EventHeader;
}

/** Both inclusive. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** Events that match. */
export interface FoundEvents {
  /** Absent if there is none. */
  readonly events?: NumberedEvents;
  /** By their numbers in `events`, in reading order. Backwards, each is of one event. */
  readonly runs: readonly NumberRange[];
}

/** Events that match, and how far the search has come: it may have come further without a match. */
export interface Selection extends FoundEvents {
  /** Everything up to here, in reading order, has been looked at. */
  readonly upTo: number;
}

/** A search over the log. */
export interface Search {
  readonly filter: EventFilter;
  readonly range: PositionRange;
  readonly backwards: boolean;
  /** What it may spend; counts, lets others go on, and ends it. */
  readonly budget: SearchBudget;
}

/** More positions than this are looked for in the index, even if they are in memory. */
const TAIL_POSITIONS_MAX = 4096;

/**
 * The events of a range that match a filter, block by block. With an index that
 * helps, only blocks that match are read; otherwise all in the range.
 */
export async function* select(
  log: EventLog,
  streams: StreamIndex,
  search: Search,
): AsyncGenerator<Selection> {
  if (search.range.first > search.range.last) return;
  if (search.filter.length === 0 || isRecent(log, search.range)) yield* scan(log, search);
  else {
    const { filter, backwards, budget } = search;
    using cursor = await planFilter(log.db, streams, filter, backwards ? -1 : 1, budget);
    if (cursor) yield* follow(log, search, cursor);
    else yield* scan(log, search);
  }
}

function isRecent(log: EventLog, { first, last }: PositionRange): boolean {
  return last - first < TAIL_POSITIONS_MAX && log.tail.range(first, last) !== undefined;
}

/** Looks at every block. */
async function* scan(log: EventLog, search: Search): AsyncGenerator<Selection> {
  const { filter, range, backwards, budget } = search;
  const cost = 1 + filterCost(filter);
  for await (const block of log.blocks(range, backwards)) {
    const first = Math.max(block.firstPosition, range.first);
    const last = Math.min(block.lastPosition, range.last);
    const upTo = backwards ? first : last;
    if (filter.length === 0 && !backwards) yield { events: block, runs: [{ first, last }], upTo };
    else {
      const runs = runsOf(matching(block, { first, last }, filter), backwards);
      await budget.spend((last - first + 1) * cost);
      yield runs.length > 0 ? { events: block, runs, upTo } : { runs, upTo };
    }
  }
}

/** Looks only at the blocks that a cursor stops at. */
async function* follow(log: EventLog, search: Search, cursor: Cursor): AsyncGenerator<Selection> {
  const { range, backwards, budget } = search;
  const step = backwards ? -1 : 1;
  let target = backwards ? (await log.blockWith(range.last)).lastPosition : range.first;
  for (;;) {
    const match = await cursor.seek(target);
    if (!match || match.blockLast > log.head) return;
    const { blockLast } = match;
    const positions = match.positions.filter((p) => p >= range.first && p <= range.last);
    if (positions.length > 0) {
      const block = await log.block(blockLast);
      const upTo = positions.at(backwards ? 0 : -1) as number;
      await budget.spend(1);
      yield { events: block, runs: runsOf(positions, backwards), upTo };
    } else if (backwards ? blockLast < range.first : blockLast > range.last) return;
    else if (blockLast >= range.first && blockLast <= range.last)
      yield { runs: [], upTo: blockLast };
    target = match.blockLast + step;
  }
}

/** Ascending. */
function matching(block: Block, { first, last }: PositionRange, filter: EventFilter): number[] {
  const positions: number[] = [];
  for (let position = first; position <= last; position++) {
    if (filter.length === 0 || matchesFilter(filter, block.header(position))) {
      positions.push(position);
    }
  }
  return positions;
}

/** What a selection has of numbers that ascend. */
export function runsOf(numbers: readonly number[], backwards: boolean): NumberRange[] {
  if (backwards) return numbers.map((number) => ({ first: number, last: number })).reverse();
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}
