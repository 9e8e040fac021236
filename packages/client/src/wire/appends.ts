import { create } from "@bufbuild/protobuf";
import { type AppendRequest, AppendRequestSchema } from "@varve/proto";
import type { AppendOptions, NewEvent, NewStreamEvent } from "../types.js";
import { checkString } from "./checks.js";
import { encodeCondition, encodeStreamCondition, sizeOfCondition } from "./conditions.js";
import { encodeEvent, sizeOfEvent } from "./events.js";
import { newId } from "./ids.js";

/** An append for the wire. */
export interface EncodedAppend {
  readonly request: AppendRequest;
  /** About how many bytes it takes, if each character of a text took one. */
  readonly sizeBytes: number;
}

/** An append to one stream. Throws `TypeError` or `RangeError` for what has no form on the wire. */
export function encodeAppend(
  workspace: string,
  stream: string,
  events: NewEvent | readonly NewEvent[],
  options: AppendOptions,
): EncodedAppend {
  const request = requestOf(workspace, options);
  for (const event of isList(events) ? events : [events]) {
    request.events.push(encodeEvent(stream, event));
  }
  if (options.expect !== undefined) {
    request.conditions.unshift(encodeStreamCondition(stream, options.expect));
  }
  return measured(request);
}

/** An append to several streams. Throws `TypeError` or `RangeError` as `encodeAppend` does. */
export function encodeAppendMany(
  workspace: string,
  events: readonly NewStreamEvent[],
  options: Omit<AppendOptions, "expect">,
): EncodedAppend {
  const request = requestOf(workspace, options);
  for (const event of events) request.events.push(encodeEvent(event.stream, event));
  return measured(request);
}

function requestOf(
  workspace: string,
  { appendId, conditions = [] }: Omit<AppendOptions, "expect">,
): AppendRequest {
  // The contract takes an empty id as none, and would store a retry twice.
  if (appendId === "") throw new TypeError("appendId must not be empty");
  return create(AppendRequestSchema, {
    workspace,
    appendId: appendId === undefined ? newId() : checkString(appendId, "appendId"),
    conditions: conditions.map(encodeCondition),
  });
}

function measured(request: AppendRequest): EncodedAppend {
  if (request.events.length === 0) throw new TypeError("An append needs an event");
  let sizeBytes = REQUEST_OVERHEAD_BYTES + request.workspace.length + request.appendId.length;
  for (const condition of request.conditions) sizeBytes += sizeOfCondition(condition);
  for (const event of request.events) sizeBytes += sizeOfEvent(event);
  return { request, sizeBytes };
}

function isList(events: NewEvent | readonly NewEvent[]): events is readonly NewEvent[] {
  return Array.isArray(events);
}

/** The correlation, and the tags and lengths of the fields. */
const REQUEST_OVERHEAD_BYTES = 40;
