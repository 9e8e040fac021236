import { create } from "@bufbuild/protobuf";
import { type AppendRequest, AppendRequestSchema } from "@varve/proto";
import type { AnyEvent, AnyStreamEvent, AppendOptions, ExpectedState } from "../types.js";
import { checkString, describe } from "./checks.js";
import { encodeCondition, encodeStreamCondition, sizeOfCondition } from "./conditions.js";
import { encodeEvent, sizeOfEvent } from "./events.js";
import { eventIdOf, newId } from "./ids.js";
import { CALL_OPTIONS, checkMembers, membersOf } from "./members.js";
import { pathTo } from "./place.js";

/** An append for the wire. */
export interface EncodedAppend {
  readonly request: AppendRequest;
  /** About how many bytes it takes, if each character of a text took one. */
  readonly sizeBytes: number;
}

/**
 * An append to one stream. Throws `TypeError` or `RangeError` for what has no form on the
 * wire, or says something that would not be heeded.
 */
export function encodeAppend(
  workspace: string,
  stream: string,
  events: AnyEvent | readonly AnyEvent[],
  options: AppendOptions,
): EncodedAppend {
  checkMembers(options, APPEND_OPTIONS, "options");
  checkString(stream, "stream");
  const request = requestOf(workspace, options);
  const idOf = idsOf(options.appendId);
  const list = isList(events) ? events : [events];
  for (let ordinal = 0; ordinal < list.length; ordinal++) {
    const event = list[ordinal] as AnyEvent;
    request.events.push(encodeEvent(event, stream, ordinal, idOf));
    checkSameStream(event, stream, ordinal);
  }
  if ("expect" in options) {
    const expected = options.expect as ExpectedState;
    request.conditions.unshift(encodeStreamCondition(stream, expected, "options.expect"));
  }
  return measured(request);
}

/** An append to several streams. Throws `TypeError` or `RangeError` as `encodeAppend` does. */
export function encodeAppendMany(
  workspace: string,
  events: readonly AnyStreamEvent[],
  options: AppendManyOptions,
): EncodedAppend {
  checkMembers(options, APPEND_MANY_OPTIONS, "options");
  if (!isList(events)) throw new TypeError(`events must be an array, but is ${describe(events)}`);
  const request = requestOf(workspace, options);
  const idOf = idsOf(options.appendId);
  for (let ordinal = 0; ordinal < events.length; ordinal++) {
    const event = events[ordinal] as AnyStreamEvent;
    const stream = checkString(event?.stream, ordinal, ".stream");
    request.events.push(encodeEvent(event, stream, ordinal, idOf));
  }
  return measured(request);
}

type AppendManyOptions = Omit<AppendOptions, "expect">;

const APPEND_MANY_OPTIONS = membersOf<AppendManyOptions>({
  ...CALL_OPTIONS,
  conditions: true,
  appendId: true,
});
const APPEND_OPTIONS = membersOf<AppendOptions>({
  ...CALL_OPTIONS,
  expect: true,
  conditions: true,
  appendId: true,
});

function requestOf(workspace: string, options: AppendManyOptions): AppendRequest {
  const { appendId, conditions = [] } = options;
  // The contract takes an empty id as none, and would store a retry twice.
  if (appendId === "") throw new TypeError("options.appendId must not be empty");
  if (appendId === undefined && "appendId" in options) throw noAppendId();
  if (!Array.isArray(conditions)) {
    throw new TypeError(`options.conditions must be an array, but is ${describe(conditions)}`);
  }
  return create(AppendRequestSchema, {
    workspace,
    appendId: appendId === undefined ? newId() : checkString(appendId, "options.appendId"),
    conditions: conditions.map((condition, i) =>
      encodeCondition(condition, `options.conditions[${i}]`),
    ),
  });
}

/** Whoever names an append means to make a retry safe, which it would not be. */
function noAppendId(): TypeError {
  return new TypeError(
    "options.appendId is undefined, so a retry would be stored again; leave it out to have an id drawn",
  );
}

/** How the ids of events come about that have none. */
function idsOf(appendId: string | undefined): (ordinal: number) => string {
  return appendId === undefined ? newId : (ordinal) => eventIdOf(appendId, ordinal);
}

/** An event that says where it belongs must not quietly go elsewhere. */
function checkSameStream(event: AnyEvent, stream: string, ordinal: number): void {
  if (event.stream === undefined || event.stream === stream) return;
  const path = pathTo(ordinal, ".stream");
  throw new TypeError(
    `${path} is ${JSON.stringify(event.stream)}, but the append goes to ${JSON.stringify(stream)}; appendMany appends to several streams`,
  );
}

function measured(request: AppendRequest): EncodedAppend {
  if (request.events.length === 0) throw new TypeError("An append needs an event");
  let sizeBytes = REQUEST_OVERHEAD_BYTES + request.workspace.length + request.appendId.length;
  for (const condition of request.conditions) sizeBytes += sizeOfCondition(condition);
  for (const event of request.events) sizeBytes += sizeOfEvent(event);
  return { request, sizeBytes };
}

function isList(events: AnyEvent | readonly AnyEvent[]): events is readonly AnyEvent[] {
  return Array.isArray(events);
}

/** The correlation, and the tags and lengths of the fields. */
const REQUEST_OVERHEAD_BYTES = 40;
