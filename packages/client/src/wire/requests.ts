import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  Direction,
  type ListStreamsRequest,
  ListStreamsRequestSchema,
  type ReadRequest,
  ReadRequestSchema,
  type ReplayRequest,
  ReplayRequestSchema,
  type SubscribeRequest,
  SubscribeRequestSchema,
  SubscriptionStart,
  UseSnapshotSchema,
} from "@varve/proto";
import type { ListStreamsOptions, ReadOptions, ReplayOptions, SubscribeOptions } from "../types.js";
import { checkInteger, checkString, describe, toInt64 } from "./checks.js";
import { encodeFilter } from "./filters.js";
import { CALL_OPTIONS, checkMembers, membersOf } from "./members.js";

const READ = membersOf<ReadOptions>({
  ...CALL_OPTIONS,
  from: true,
  to: true,
  backwards: true,
  limit: true,
  filter: true,
  asOf: true,
  snapshot: true,
});
const REPLAY = membersOf<ReplayOptions>({
  ...CALL_OPTIONS,
  from: true,
  to: true,
  since: true,
  until: true,
  backwards: true,
  limit: true,
  filter: true,
  onProgress: true,
});
const SUBSCRIBE = membersOf<SubscribeOptions>({
  ...CALL_OPTIONS,
  filter: true,
  start: true,
  heartbeatIntervalMs: true,
});
const START = membersOf<StartAfter>({ after: true });
const LIST_STREAMS = membersOf<ListStreamsOptions>({
  ...CALL_OPTIONS,
  prefix: true,
  pageSize: true,
});

const PAGE_SIZE = 500;
const PAGE_SIZE_MAX = 1_000;

/** What a time on the wire can be, ms since 1970: the years 1 to 9999. */
const TIME_MIN = Date.parse("0001-01-01T00:00:00Z");
const TIME_MAX = Date.parse("9999-12-31T23:59:59.999Z");

/** What to read of a stream. Throws `TypeError` or `RangeError` for wrong options. */
export function readRequest(workspace: string, stream: string, options: ReadOptions): ReadRequest {
  checkMembers(options, READ, "options");
  const request = create(ReadRequestSchema, {
    workspace,
    stream: checkString(stream, "stream"),
    direction: directionOf(options),
  });
  const { from, to, limit, filter, asOf, snapshot } = options;
  if (from !== undefined) request.fromRevision = toInt64(from, "options.from", 0n);
  if (to !== undefined) request.toRevision = toInt64(to, "options.to", 0n);
  if (limit !== undefined) request.limit = toInt64(limit, "options.limit", 1n);
  if (filter !== undefined) request.filter = encodeFilter(filter, "options.filter");
  if (asOf !== undefined) request.asOf = timestampFromDate(checkDate(asOf, "options.asOf"));
  if (snapshot !== undefined) {
    checkSnapshotAlone(options);
    request.useSnapshot = create(UseSnapshotSchema, {
      schemaType: checkString(snapshot, "options.snapshot"),
    });
  }
  return request;
}

/** What to read of the log. Throws `TypeError` or `RangeError` for wrong options. */
export function replayRequest(workspace: string, options: ReplayOptions): ReplayRequest {
  checkMembers(options, REPLAY, "options");
  const request = create(ReplayRequestSchema, { workspace, direction: directionOf(options) });
  const { from, to, since, until, limit, filter } = options;
  if (from !== undefined) request.fromPosition = toInt64(from, "options.from", 1n);
  if (to !== undefined) request.toPosition = toInt64(to, "options.to", 1n);
  if (since !== undefined) request.since = timestampFromDate(checkDate(since, "options.since"));
  if (until !== undefined) request.until = timestampFromDate(checkDate(until, "options.until"));
  if (limit !== undefined) request.limit = toInt64(limit, "options.limit", 1n);
  if (filter !== undefined) request.filter = encodeFilter(filter, "options.filter");
  return request;
}

/**
 * What to follow, from the start that the options name. Throws `TypeError` or
 * `RangeError` for wrong options.
 */
export function subscribeRequest(
  workspace: string,
  options: Omit<SubscribeOptions, "heartbeatIntervalMs">,
  heartbeatIntervalMs: number,
): SubscribeRequest {
  checkMembers(options, SUBSCRIBE, "options");
  const request = create(SubscribeRequestSchema, {
    workspace,
    start: encodeStart(options.start ?? "beginning"),
    heartbeatInterval: durationFromMs(heartbeatIntervalMs),
  });
  if (options.filter !== undefined) request.filter = encodeFilter(options.filter, "options.filter");
  return request;
}

/** Which streams to list. Throws `TypeError` or `RangeError` for wrong options. */
export function listStreamsRequest(
  workspace: string,
  options: ListStreamsOptions,
): ListStreamsRequest {
  checkMembers(options, LIST_STREAMS, "options");
  const { prefix = "", pageSize = PAGE_SIZE } = options;
  return create(ListStreamsRequestSchema, {
    workspace,
    prefix: checkString(prefix, "options.prefix"),
    pageSize: checkInteger(pageSize, "options.pageSize", 1, PAGE_SIZE_MAX),
  });
}

/** The same subscription, after a position. */
export function resumeAfter(request: SubscribeRequest, position: bigint): SubscribeRequest {
  return { ...request, start: { case: "after", value: position } };
}

type StartAfter = Extract<SubscribeOptions["start"], object>;

function encodeStart(start: NonNullable<SubscribeOptions["start"]>): SubscribeRequest["start"] {
  switch (start) {
    case "beginning":
      return { case: "at", value: SubscriptionStart.BEGINNING };
    case "end":
      return { case: "at", value: SubscriptionStart.END };
    default:
      checkMembers(start, START, "options.start");
      return { case: "after", value: toInt64(start.after, "options.start.after", 0n) };
  }
}

function directionOf({ backwards = false }: { readonly backwards?: boolean }): Direction {
  if (typeof backwards !== "boolean") {
    throw new TypeError(`options.backwards must be true or false, but is ${describe(backwards)}`);
  }
  return backwards ? Direction.BACKWARDS : Direction.FORWARDS;
}

function checkDate(date: Date, name: string): Date {
  if (!(date instanceof Date)) throw new TypeError(`${name} must be a Date`);
  const time = date.getTime();
  if (time >= TIME_MIN && time <= TIME_MAX) return date;
  throw new RangeError(`${name} must be a valid date in the years 1 to 9999`);
}

function checkSnapshotAlone({ from, backwards, filter }: ReadOptions): void {
  if (from !== undefined || backwards === true || filter !== undefined) {
    throw new TypeError("snapshot does not go together with from, backwards or filter");
  }
}
