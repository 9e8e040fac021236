import { create } from "@bufbuild/protobuf";
import {
  type ConditionViolation,
  ConditionViolationSchema,
  QueryMatchSchema,
  StreamMismatchSchema,
} from "@varve/proto";
import type { Block } from "../format/block.js";
import type { EventHeader } from "../format/recorded-event.js";
import type { EventLog } from "../log/event-log.js";
import type { AppendCondition, ExpectedState } from "../request/condition.js";
import { type EventFilter, filterCost, matchesFilter } from "../request/filter.js";
import { NO_STREAM } from "./stream-heads.js";
import type { TagHeads } from "./tag-heads.js";

type StreamCheck = Extract<AppendCondition, { kind: "stream" }>;
export type QueryCheck = Extract<AppendCondition, { kind: "query" }>;

/** An event that breaks a query condition. */
export interface Match {
  readonly position: number;
  readonly header: EventHeader;
}

/** What the log says of a query condition, up to a position. */
export interface QueryProgress {
  readonly match?: Match;
  /** Everything up to here has been looked at. */
  readonly checkedTo: number;
}

/** So few positions are looked at without waiting: longer would hold up everyone else. */
const RECENT_POSITIONS_MAX = 512;

/** What it takes to look at what is in memory since the condition's position; in look-ups. */
export function recentCost({ head }: EventLog, { filter, after }: QueryCheck): number {
  const positions = head - after;
  return positions > RECENT_POSITIONS_MAX ? 0 : Math.max(0, positions) * filterCost(filter);
}

/** What the log says, at once, if there are few positions to look at and all of them in memory. */
export function checkRecent(
  { head, tail }: EventLog,
  { filter, after }: QueryCheck,
): QueryProgress | undefined {
  if (after >= head) return { checkedTo: after };
  if (head - after > RECENT_POSITIONS_MAX) return undefined;
  const blocks = tail.range(after + 1, head);
  const match = blocks && matchInBlocks(filter, blocks, after);
  return match ? { match, checkedTo: match.position } : blocks && { checkedTo: head };
}

/** The same at once, if the tags that the filter wants have not come since. */
export function checkTags(
  { head }: EventLog,
  tags: TagHeads,
  { filter, after }: QueryCheck,
): QueryProgress | undefined {
  const isRuledOut = (tag: string): boolean => (tags.get(tag) ?? Number.POSITIVE_INFINITY) <= after;
  const holds = filter.length > 0 && filter.every((clause) => clause.tags.some(isRuledOut));
  return holds ? { checkedTo: Math.max(head, after) } : undefined;
}

/** The first match in blocks, after a position (exclusive). */
export function matchInBlocks(
  filter: EventFilter,
  blocks: Iterable<Block>,
  after: number,
): Match | undefined {
  for (const block of blocks) {
    const found = matchInHeaders(filter, block.headers(), block.firstPosition, after);
    if (found) return found;
  }
  return undefined;
}

/** The first match in a run of events that begins at `first`, after a position (exclusive). */
export function matchInHeaders(
  filter: EventFilter,
  headers: readonly EventHeader[],
  first: number,
  after: number,
): Match | undefined {
  for (let i = Math.max(0, after + 1 - first); i < headers.length; i++) {
    const header = headers[i] as EventHeader;
    if (matchesFilter(filter, header)) return { position: first + i, header };
  }
  return undefined;
}

export function streamHolds(expected: ExpectedState, lastRevision: number): boolean {
  if (expected === "no-stream") return lastRevision === NO_STREAM;
  if (expected === "exists") return lastRevision !== NO_STREAM;
  return lastRevision === expected;
}

export function streamViolation(
  ordinal: number,
  check: StreamCheck,
  lastRevision: number,
): ConditionViolation {
  const value = create(StreamMismatchSchema, {
    stream: check.stream,
    expected: check.sent,
    ...(lastRevision !== NO_STREAM && { actualRevision: BigInt(lastRevision) }),
  });
  return create(ConditionViolationSchema, { condition: ordinal, found: { case: "stream", value } });
}

export function queryViolation(ordinal: number, { position, header }: Match): ConditionViolation {
  const { type, stream } = header;
  const value = create(QueryMatchSchema, { position: BigInt(position), type, stream });
  return create(ConditionViolationSchema, { condition: ordinal, found: { case: "query", value } });
}
