import type { Block } from "../format/block.js";
import type { EventLog, PositionRange } from "../log/event-log.js";
import { type EventFilter, matchesFilter } from "../request/filter.js";
import type { Cursor } from "./cursor.js";
import { planFilter } from "./plan.js";
import type { StreamIndex } from "./stream-index.js";

/** Events of one block that match, and how far the search has come. */
export interface Selection {
  /** Absent if the search has come further without a match. */
  readonly block?: Block;
  /** In reading order, all in `block`. */
  readonly positions: readonly number[];
  /** Everything up to here, in reading order, has been looked at. */
  readonly upTo: number;
}

/** A search over the log. */
export interface Search {
  readonly filter: EventFilter;
  readonly range: PositionRange;
  readonly backwards: boolean;
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
    const cursor = await planFilter(log.db, streams, search.filter, search.backwards ? -1 : 1);
    if (cursor) yield* follow(log, search, cursor);
    else yield* scan(log, search);
  }
}

function isRecent(log: EventLog, { first, last }: PositionRange): boolean {
  return last - first < TAIL_POSITIONS_MAX && log.tail.range(first, last) !== undefined;
}

/** Looks at every block. */
async function* scan(log: EventLog, search: Search): AsyncGenerator<Selection> {
  const { filter, range, backwards } = search;
  for await (const block of log.blocks(range, backwards)) {
    const positions = positionsIn(block, range);
    const matching = filter.length === 0 ? positions : onlyMatching(block, positions, filter);
    const upTo = backwards
      ? Math.max(block.firstPosition, range.first)
      : Math.min(block.lastPosition, range.last);
    yield matching.length === 0
      ? { positions: [], upTo }
      : { block, positions: backwards ? matching.reverse() : matching, upTo };
  }
}

/** Looks only at the blocks that a cursor stops at. */
async function* follow(log: EventLog, search: Search, cursor: Cursor): AsyncGenerator<Selection> {
  const { range, backwards } = search;
  const step = backwards ? -1 : 1;
  let target = backwards ? (await log.blockWith(range.last)).lastPosition : range.first;
  for (;;) {
    const match = await cursor.seek(target);
    if (!match || match.blockLast > log.head) return;
    const positions = match.positions.filter((p) => p >= range.first && p <= range.last);
    if (positions.length > 0) {
      const block = await log.block(match.blockLast);
      const upTo = positions.at(backwards ? 0 : -1) as number;
      yield { block, positions: backwards ? positions.reverse() : positions, upTo };
    } else if (backwards ? match.blockLast < range.first : match.blockLast > range.last) return;
    else if (!backwards) yield { positions: [], upTo: match.blockLast };
    target = match.blockLast + step;
  }
}

function positionsIn(block: Block, { first, last }: PositionRange): number[] {
  const start = Math.max(block.firstPosition, first);
  const count = Math.min(block.lastPosition, last) - start + 1;
  return Array.from({ length: count }, (_, i) => start + i);
}

function onlyMatching(block: Block, positions: number[], filter: EventFilter): number[] {
  return positions.filter((position) => matchesFilter(filter, block.header(position)));
}
