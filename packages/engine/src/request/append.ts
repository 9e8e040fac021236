import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { ConditionSchema, ErrorReason } from "@varve/proto";
import { malformedRequest, StoreError } from "../errors.js";
import type { EventHeader } from "../format/recorded-event.js";
import { CONDITIONS_MAX, CONTENT_TYPE_BYTES_MAX, type Limits } from "../limits.js";
import { type AppendCondition, parseCondition } from "./condition.js";
import { FieldChecks } from "./fields.js";
import { readFields } from "./wire.js";

/** An event of an append, checked, with its bytes as they were received. */
export interface EventToAppend extends EventHeader {
  /** The encoded `Event`. */
  readonly bytes: Buffer;
}

/** An append that keeps every rule that can be checked without the log. */
export interface AppendCommand {
  /** As the request has it: empty for the default workspace. */
  readonly workspace: string;
  /** 16 bytes each; absent if the request has no append id. */
  readonly identity: { readonly id: Buffer; readonly contentHash: Buffer } | undefined;
  readonly events: readonly EventToAppend[];
  readonly conditions: readonly AppendCondition[];
  /** Size of the request, bytes. */
  readonly bytes: number;
}

/**
 * Reads an encoded `AppendRequest` without copying its events: they are stored
 * as they came. Throws MALFORMED_REQUEST, INVALID_REQUEST or APPEND_TOO_LARGE.
 */
export function parseAppend(request: Buffer, limits: Limits): AppendCommand {
  atMost("appendBytesMax", request.length, limits.appendBytesMax);
  const parts = readParts(request);
  atMost("appendEventsMax", parts.events.length, limits.appendEventsMax);
  const checks = new FieldChecks();
  if (parts.events.length === 0) checks.add("events", "must have at least one event");
  if (parts.appendId !== "") checks.uuid("append_id", parts.appendId);
  checks.count("conditions", parts.conditions.length, CONDITIONS_MAX);
  const events = parts.events.map((bytes, i) => readNewEvent(checks, bytes, i, limits));
  const conditions = parts.conditions
    .slice(0, CONDITIONS_MAX)
    .map((bytes, i) => readCondition(checks, bytes, i, limits));
  checks.throwIfAny();
  return {
    workspace: parts.workspace,
    identity: parts.appendId === "" ? undefined : identityOf(parts),
    events,
    conditions,
    bytes: request.length,
  };
}

/** The content is the events and the conditions, in whatever order the fields came. */
function identityOf({ appendId, events, conditions }: Parts): AppendCommand["identity"] {
  const hash = createHash("sha256");
  for (const part of [events, conditions]) {
    hash.update(`${part.length};`);
    for (const bytes of part) hash.update(`${bytes.length}:`).update(bytes);
  }
  return {
    id: Buffer.from(appendId.replaceAll("-", ""), "hex"),
    contentHash: hash.digest().subarray(0, 16),
  };
}

interface Parts {
  workspace: string;
  appendId: string;
  readonly events: Buffer[];
  readonly conditions: Buffer[];
}

function readParts(request: Buffer): Parts {
  const parts: Parts = { workspace: "", appendId: "", events: [], conditions: [] };
  readFields(request, (field, value) => {
    if (field === 1) parts.workspace = text(value);
    else if (field === 2) parts.appendId = text(value);
    else if (field === 3) parts.events.push(value);
    else if (field === 4) parts.conditions.push(value);
  });
  return parts;
}

function readNewEvent(
  checks: FieldChecks,
  newEvent: Buffer,
  ordinal: number,
  limits: Limits,
): EventToAppend {
  let stream = "";
  let bytes: Buffer | undefined;
  readFields(newEvent, (field, value) => {
    if (field === 1) stream = text(value);
    // Protobuf would merge a field that comes twice; what is stored is one of them.
    else if (field === 2 && bytes) throw malformedRequest("an event is given twice");
    else if (field === 2) bytes = value;
  });
  const path = `events[${ordinal}]`;
  checks.name(`${path}.stream`, stream, limits.streamNameBytesMax);
  if (!bytes) checks.add(`${path}.event`, "is required");
  const event = bytes ?? Buffer.alloc(0);
  return { stream, bytes: event, ...readEvent(checks, event, `${path}.event`, limits) };
}

function readEvent(
  checks: FieldChecks,
  event: Buffer,
  path: string,
  limits: Limits,
): { type: string; tags: readonly string[] } {
  let id = "";
  let type = "";
  let metadata = "";
  let tags: string[] = [];
  readFields(event, (field, value) => {
    if (field === 1) id = text(value);
    else if (field === 2) type = text(value);
    else if (field === 3) checks.bytes(`${path}.data`, value.length, limits.eventDataBytesMax);
    else if (field === 4) {
      text(value);
      checks.bytes(`${path}.content_type`, value.length, CONTENT_TYPE_BYTES_MAX);
    } else if (field === 5) {
      checks.bytes(`${path}.metadata`, value.length, limits.metadataBytesMax);
      metadata = text(value);
    } else if (field === 6) tags.push(text(value));
  });
  checks.uuid(`${path}.id`, id);
  checks.name(`${path}.type`, type, limits.typeBytesMax);
  if (type.endsWith("*")) checks.add(`${path}.type`, 'must not end with "*"');
  if (metadata !== "" && !isJsonObject(metadata)) {
    checks.add(`${path}.metadata`, "must be a JSON object");
  }
  if (tags.length > 1) tags = [...new Set(tags)];
  checks.count(`${path}.tags`, tags.length, limits.tagsMax);
  tags.forEach((tag, i) => {
    checks.name(`${path}.tags[${i}]`, tag, limits.tagBytesMax);
  });
  return { type, tags };
}

function readCondition(
  checks: FieldChecks,
  bytes: Buffer,
  ordinal: number,
  limits: Limits,
): AppendCondition {
  const path = `conditions[${ordinal}]`;
  try {
    return parseCondition(checks, path, fromBinary(ConditionSchema, bytes), limits);
  } catch (cause) {
    throw malformedRequest(cause);
  }
}

function text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw malformedRequest("a string is not UTF-8");
  return bytes.toString("utf8");
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function atMost(limit: keyof Limits, actual: number, maximum: number): void {
  if (actual <= maximum) return;
  throw new StoreError(
    ErrorReason.APPEND_TOO_LARGE,
    `an append may have at most ${maximum} ${limit === "appendEventsMax" ? "events" : "bytes"}, this one has ${actual}`,
    { limit, maximum: String(maximum), actual: String(actual) },
  );
}
