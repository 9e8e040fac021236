import { fromBinary } from "@bufbuild/protobuf";
import { ConditionSchema, ErrorReason } from "@varve/proto";
import { FieldReader } from "@varve/proto/wire";
import { asRequestError, malformedRequest, StoreError } from "../errors.js";
import type { EventHeader } from "../format/recorded-event.js";
import { CONDITIONS_MAX, CONTENT_TYPE_BYTES_MAX, type Limits } from "../limits.js";
import {
  canonicalCondition,
  canonicalEvent,
  isCanonicalCondition,
  isCanonicalEvent,
} from "./canonical.js";
import { type AppendCondition, parseCondition } from "./condition.js";
import { ContentHash } from "./content-hash.js";
import { FieldChecks } from "./fields.js";
import { mergedField } from "./merged.js";
import { isUuid, uuidBytes } from "./uuid.js";

/** An event of an append, checked, with its bytes as they were received. */
export interface EventToAppend extends EventHeader {
  /** The encoded `Event`. */
  readonly bytes: Buffer;
}

/** What tells a repeat from another append. */
export interface AppendIdentity {
  /** 16 bytes. */
  readonly id: Buffer;
  /** The id, for maps. */
  readonly key: string;
  /** Of the canonical encoding of the content, 16 bytes. */
  readonly contentHash: Buffer;
  /** Of the encoding that was sent: what earlier versions stored. */
  readonly sentHash: Buffer;
}

const NO_BYTES = Buffer.alloc(0);
const NO_TAGS: readonly string[] = [];

/** An append that keeps every rule that can be checked without the log. */
export interface AppendCommand {
  /** As the request has it: empty for the default workspace. */
  readonly workspace: string;
  /** Absent if the request has no append id. */
  readonly identity: AppendIdentity | undefined;
  readonly events: readonly EventToAppend[];
  readonly conditions: readonly AppendCondition[];
  /** What it takes in memory, about, bytes: the request, and what its conditions become. */
  readonly bytes: number;
}

/**
 * Reads an encoded `AppendRequest` without copying its events: they are stored
 * as they came. Throws MALFORMED_REQUEST, INVALID_REQUEST or APPEND_TOO_LARGE.
 */
export function parseAppend(request: Buffer, limits: Limits): AppendCommand {
  atMost("appendBytesMax", request.length, limits.appendBytesMax);
  try {
    return parse(request, limits);
  } catch (cause) {
    throw asRequestError(cause);
  }
}

function parse(request: Buffer, limits: Limits): AppendCommand {
  const checks = new FieldChecks();
  const parts = readParts(request);
  atMost("appendEventsMax", parts.events.length, limits.appendEventsMax);
  const id = readAppendId(checks, parts.appendId);
  if (parts.events.length === 0) checks.add("events", "must have at least one event");
  checks.count("conditions", parts.conditions.length, CONDITIONS_MAX);
  const events = parts.events.map((part, i) => {
    checks.event = i;
    return readNewEvent(checks, request, part, limits);
  });
  checks.event = undefined;
  const conditions = parts.conditions
    .slice(0, CONDITIONS_MAX)
    .map(({ start, end }, i) => readCondition(checks, request.subarray(start, end), i, limits));
  checks.throwIfAny();
  return {
    workspace: parts.workspace,
    identity: id && identityOf(id, request, parts),
    events,
    conditions,
    bytes: request.length + memoryOf(parts.conditions),
  };
}

/** Of the objects that a condition becomes, bytes; its texts come on top. */
const CONDITION_BYTES = 1024;

function memoryOf(conditions: readonly Part[]): number {
  let bytes = 0;
  for (const { start, end } of conditions) bytes += CONDITION_BYTES + end - start;
  return bytes;
}

/** The 16 bytes of an append id; `undefined` if it is none, or empty. */
function readAppendId(checks: FieldChecks, id: Buffer | string): Buffer | undefined {
  if (typeof id !== "string") return uuidBytes(id, 0);
  if (id !== "") checks.notUuid("append_id", id);
  return undefined;
}

/** The content is the events and the conditions, in whatever encoding they came. */
function identityOf(id: Buffer, request: Buffer, { events, conditions }: Parts): AppendIdentity {
  const sentHash = new ContentHash(request).add(events).add(conditions).digest();
  const isCanonical =
    events.every(({ start, end }) => isCanonicalEvent(request, start, end)) &&
    conditions.every(({ start, end }) => isCanonicalCondition(request, start, end));
  const contentHash = isCanonical ? sentHash : hashOfCanonical(request, events, conditions);
  return { id, key: id.toString("latin1"), contentHash, sentHash };
}

function hashOfCanonical(
  request: Buffer,
  events: readonly Part[],
  conditions: readonly Part[],
): Buffer {
  const bytesOf = ({ start, end }: Part): Buffer => request.subarray(start, end);
  try {
    return hashOf([
      events.map((part) => canonicalEvent(bytesOf(part))),
      conditions.map((part) => canonicalCondition(bytesOf(part))),
    ]);
  } catch (cause) {
    throw malformedRequest(cause);
  }
}

function hashOf(lists: readonly (readonly Uint8Array[])[]): Buffer {
  const hash = new ContentHash(Buffer.concat(lists.flat()));
  let end = 0;
  const place = ({ length }: Uint8Array): Part => {
    end += length;
    return { start: end - length, end };
  };
  for (const list of lists) hash.add(list.map(place));
  return hash.digest();
}

/** A part of the request. */
interface Part {
  readonly start: number;
  readonly end: number;
}

interface Parts {
  workspace: string;
  /** The text of a UUID, as bytes; anything else as text. */
  appendId: Buffer | string;
  readonly events: Part[];
  readonly conditions: Part[];
}

function readParts(request: Buffer): Parts {
  const parts: Parts = { workspace: "", appendId: "", events: [], conditions: [] };
  const reader = new FieldReader(request);
  while (reader.next()) {
    if (isUnknown(reader, 4)) continue;
    const { start, end } = reader;
    if (reader.field === 1) parts.workspace = reader.text();
    else if (reader.field === 2) {
      parts.appendId = isUuid(request, start, end) ? reader.bytes() : reader.text();
    } else if (reader.field === 3) parts.events.push({ start, end });
    else parts.conditions.push({ start, end });
  }
  return parts;
}

/** All fields of these messages are bytes, so that a known one that is not is another message. */
function isUnknown(reader: FieldReader, knownMax: number): boolean {
  if (reader.field > knownMax) return true;
  if (reader.isBytes) return false;
  throw malformedRequest(`field ${reader.field} has another wire type than it should have`);
}

function readNewEvent(
  checks: FieldChecks,
  request: Buffer,
  { start, end }: Part,
  limits: Limits,
): EventToAppend {
  const reader = new FieldReader(request, start, end);
  let stream = "";
  let streamBytes = 0;
  let event: FieldReader | undefined;
  let bytes: Buffer = NO_BYTES;
  let isSplit = false;
  while (reader.next()) {
    if (isUnknown(reader, 2)) continue;
    if (reader.field === 1) {
      stream = reader.text();
      streamBytes = reader.length;
    } else {
      isSplit = event !== undefined;
      event = reader.nested();
      bytes = reader.bytes();
    }
  }
  if (isSplit) {
    bytes = mergedField(request, start, end, 2);
    event = new FieldReader(bytes);
  }
  checks.name("stream", stream, limits.streamNameBytesMax, streamBytes);
  if (!event) checks.add("event", "is required");
  const { type, tags } = readEvent(checks, event ?? new FieldReader(NO_BYTES), limits);
  return { stream, type, tags, bytes };
}

/** What the index is made of. */
function readEvent(
  checks: FieldChecks,
  reader: FieldReader,
  limits: Limits,
): Omit<EventHeader, "stream"> {
  let id: string | undefined = "";
  let type = "";
  let metadata = "";
  let tags: string[] | undefined;
  while (reader.next()) {
    if (isUnknown(reader, 6)) continue;
    if (reader.field === 1) {
      id = isUuid(reader.message, reader.start, reader.end) ? undefined : reader.text();
    } else if (reader.field === 2) type = reader.text();
    else if (reader.field === 3) {
      checks.bytes("event.data", reader.length, limits.eventDataBytesMax);
    } else if (reader.field === 4) {
      reader.text();
      checks.bytes("event.content_type", reader.length, CONTENT_TYPE_BYTES_MAX);
    } else if (reader.field === 5) {
      checks.bytes("event.metadata", reader.length, limits.metadataBytesMax);
      metadata = reader.text();
    } else {
      tags ??= [];
      tags.push(reader.text());
    }
  }
  if (id !== undefined) checks.notUuid("event.id", id);
  checks.name("event.type", type, limits.typeBytesMax);
  if (type.endsWith("*")) checks.add("event.type", 'must not end with "*"');
  if (metadata !== "" && !isJsonObject(metadata)) {
    checks.add("event.metadata", "must be a JSON object");
  }
  return { type, tags: tags ? readTags(checks, tags, limits) : NO_TAGS };
}

/** Each once. */
function readTags(checks: FieldChecks, sent: readonly string[], limits: Limits): readonly string[] {
  const tags = [...new Set(sent)];
  checks.count("event.tags", tags.length, limits.tagsMax);
  for (const [i, tag] of tags.entries()) {
    checks.name(`event.tags[${i}]`, tag, limits.tagBytesMax);
  }
  return tags;
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
