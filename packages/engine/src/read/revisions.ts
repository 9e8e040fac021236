import type { Block } from "../format/block.js";
import type { SearchBudget } from "../index/search-budget.js";
import { type FoundEvents, runsOf, type Selection } from "../index/select.js";
import type { RevisionRange } from "../index/stream-index.js";
import type { EventLog } from "../log/event-log.js";
import type { RecentStream } from "../recent/recent-stream.js";
import { StreamSlice } from "../recent/stream-slice.js";
import { type EventFilter, filterCost, matchesFilter } from "../request/filter.js";
import type { Workspace } from "../workspace/workspace.js";

/** Which events of a stream. */
export interface RevisionSearch {
  readonly stream: string;
  readonly range: RevisionRange;
  readonly backwards: boolean;
  readonly filter: EventFilter;
}

/** Blocks of a stream that are looked up at a time. */
const POSTINGS_AT_ONCE = 32;
/** Blocks that are fetched at a time: few at first, then as many as are not too large together. */
const BLOCKS_MIN = 4;
const BLOCKS_BYTES_MAX = 1024 * 1024;

/** What a filter may take without waiting, in look-ups: longer would hold up everyone else. */
const FILTER_NOW_MAX = 1024;

/** The events of a range of revisions, if all of them are in memory, and few to look at. */
export function selectInMemory(
  recent: RecentStream,
  search: RevisionSearch,
): readonly FoundEvents[] | undefined {
  const { first, last } = search.range;
  if (first > last) return [];
  if (first < recent.firstRevision) return undefined;
  if (search.filter.length > 0 && costOf(search, last - first + 1) > FILTER_NOW_MAX) {
    return undefined;
  }
  if (!search.backwards && search.filter.length === 0 && recent.pack()) {
    return [{ events: recent, runs: [{ first, last }] }];
  }
  const slices = recent.holding(first, last);
  if (!slices.every((slice) => slice.isFilled)) return undefined;
  const selections = slices.map((slice) => selectionOf(slice, search));
  return search.backwards ? selections.reverse() : selections;
}

/** The same, block by block: those before what is known of the stream's end are looked up in the index. */
export async function* selectRevisions(
  workspace: Workspace,
  recent: RecentStream,
  search: RevisionSearch,
  budget: SearchBudget,
): AsyncGenerator<Selection> {
  const { range, backwards } = search;
  const from = Math.max(range.first, recent.firstRevision);
  const newest = recent.holding(from, range.last);
  const older = { ...search, range: { first: range.first, last: Math.min(range.last, from - 1) } };
  if (!backwards) yield* selectOlder(workspace, older, budget);
  const slices = backwards ? newest.toReversed() : newest;
  for await (const [slice, block] of withBlocks(workspace.log, slices)) {
    if (block) workspace.recent.keep(recent, slice, block);
    yield selectionOf(slice, search, block);
    if (search.filter.length > 0)
      await budget.spend(costOf(search, slice.postings.positions.length));
  }
  if (backwards) yield* selectOlder(workspace, older, budget);
}

async function* selectOlder(
  { log, streams }: Workspace,
  search: RevisionSearch,
  budget: SearchBudget,
): AsyncGenerator<Selection> {
  const { stream, backwards } = search;
  let { first, last } = search.range;
  while (first <= last) {
    const found = await streams.postings(stream, { first, last }, POSTINGS_AT_ONCE, backwards);
    const slices = found.map((postings) => new StreamSlice(postings));
    for await (const [slice, block] of withBlocks(log, slices)) {
      yield selectionOf(slice, search, block);
      if (search.filter.length > 0)
        await budget.spend(costOf(search, slice.postings.positions.length));
      if (backwards) last = slice.firstRevision - 1;
      else first = slice.lastRevision + 1;
    }
    if (found.length === 0) return;
  }
}

/** Each with its block, if it is not filled. A slow reader holds on to those that were fetched together. */
async function* withBlocks(
  log: EventLog,
  slices: readonly StreamSlice[],
): AsyncGenerator<[StreamSlice, Block | undefined]> {
  let count = BLOCKS_MIN;
  for (let at = 0; at < slices.length; ) {
    const group = slices.slice(at, at + count);
    const blocks = await Promise.all(group.map((slice) => fetch(log, slice)));
    for (const [i, slice] of group.entries()) yield [slice, blocks[i]];
    at += group.length;
    const largest = Math.max(1, ...blocks.map((block) => block?.bytes.length ?? 0));
    count = Math.max(1, Math.floor(BLOCKS_BYTES_MAX / largest));
  }
}

async function fetch(log: EventLog, slice: StreamSlice): Promise<Block | undefined> {
  return slice.isFilled ? undefined : log.block(slice.postings.blockLast);
}

/** What it takes to look at so many events, in look-ups. */
function costOf({ filter }: RevisionSearch, events: number): number {
  return events * (1 + filterCost(filter));
}

/** What is searched for in a slice; in its block, if that is given. */
function selectionOf(slice: StreamSlice, search: RevisionSearch, block?: Block): Selection {
  const { backwards, filter } = search;
  const first = Math.max(slice.firstRevision, search.range.first);
  const last = Math.min(slice.lastRevision, search.range.last);
  const upTo = slice.postings.blockLast;
  if (filter.length === 0 && !backwards && !block) {
    return { events: slice, runs: [{ first, last }], upTo };
  }
  const numbers: number[] = [];
  for (let revision = first; revision <= last; revision++) {
    const number = block ? slice.positionOf(revision) : revision;
    if (filter.length === 0 || matchesFilter(filter, (block ?? slice).header(number))) {
      numbers.push(number);
    }
  }
  return { events: block ?? slice, runs: runsOf(numbers, backwards), upTo };
}
