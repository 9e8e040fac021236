import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type ReplayRequest, ReplayResponseSchema } from "@varve/proto";
import { select } from "../index/select.js";
import type { Limits } from "../limits.js";
import type { EventLog, PositionRange } from "../log/event-log.js";
import { ceilMs, FieldChecks, floorMs } from "../request/fields.js";
import { type EventFilter, parseFilter } from "../request/filter.js";
import type { Workspace } from "../workspace/workspace.js";
import { inTurns } from "./read-turns.js";
import { searchFrames } from "./search-frames.js";

/** A checked `ReplayRequest`. */
export interface ReplayQuery {
  readonly backwards: boolean;
  readonly from: number;
  readonly to: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly filter: EventFilter;
  readonly limit?: number | undefined;
}

const EVENTS_FIELD = ReplayResponseSchema.field.events.number;

export function parseReplay(request: ReplayRequest, limits: Limits): ReplayQuery {
  const checks = new FieldChecks();
  const { since, until } = request;
  if (since) checks.time("since", since);
  if (until) checks.time("until", until);
  const query = {
    backwards: checks.isBackwards("direction", request.direction),
    from: checks.optionalInteger("from_position", request.fromPosition, 1) ?? 1,
    to: checks.optionalInteger("to_position", request.toPosition, 1) ?? Number.MAX_SAFE_INTEGER,
    ...(since && { sinceMs: ceilMs(since) }),
    ...(until && { untilMs: floorMs(until) }),
    filter: parseFilter(checks, "filter", request.filter, limits),
    limit: checks.optionalInteger("limit", request.limit, 1),
  };
  checks.throwIfAny();
  return query;
}

/** Encoded `ReplayResponse` frames. A search ends when the call is over, or the log closes. */
export async function* replay(
  workspace: Workspace,
  query: ReplayQuery,
  call?: { readonly aborted: boolean },
): AsyncGenerator<Buffer> {
  const { log, streams, turns } = workspace;
  const head = log.head;
  const range = await rangeOf(log, query, head);
  const [fromPosition, toPosition] = [BigInt(range.first), BigInt(range.last)];
  yield encode({ case: "header", value: { fromPosition, toPosition, head: BigInt(head) } });
  if (range.first > range.last) return;
  const { filter, backwards, limit } = query;
  const budget = workspace.searchBudget(call);
  const selections = select(log, streams, { filter, range, backwards, budget });
  const end = backwards ? range.first : range.last;
  let upTo: number | undefined;
  let ended = true;
  const frames = searchFrames(selections, { eventsField: EVENTS_FIELD, limit });
  for await (const frame of inTurns(frames, turns)) {
    upTo = frame.upTo;
    ended = frame.kind !== "events" || !frame.limited;
    yield frame.kind === "events" ? frame.bytes : progress(frame.upTo);
  }
  if (ended && upTo !== end) yield progress(end);
}

/** The positions to look at, both inclusive: by number, by time, or both. */
async function rangeOf(log: EventLog, query: ReplayQuery, head: number): Promise<PositionRange> {
  let first = query.from;
  let last = Math.min(query.to, head);
  if (query.sinceMs !== undefined) {
    first = Math.max(first, (await log.positionAsOf(query.sinceMs - 1)) + 1);
  }
  if (query.untilMs !== undefined) {
    last = Math.min(last, await log.positionAsOf(query.untilMs));
  }
  return { first, last };
}

function progress(upTo: number): Buffer {
  return encode({ case: "progress", value: { position: BigInt(upTo) } });
}

type Frame = NonNullable<MessageInitShape<typeof ReplayResponseSchema>["frame"]>;

function encode(frame: Frame): Buffer {
  return Buffer.from(toBinary(ReplayResponseSchema, create(ReplayResponseSchema, { frame })));
}
