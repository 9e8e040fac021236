import { create } from "@bufbuild/protobuf";
import {
  type EventBatch,
  EventSchema,
  NewEventSchema,
  type NewEvent as ProtoNewEvent,
} from "@varve/proto";
import type { AnyEvent, JsonObject, NewStreamEvent, RecordedEvent } from "../types.js";
import { checkString, checkStrings, describe } from "./checks.js";
import { toJson } from "./json.js";
import { checkMembers, membersOf } from "./members.js";
import { decodePayload, effectiveContentType, encodePayload, parseJson } from "./payload.js";
import { type Place, pathTo } from "./place.js";
import { fieldsOfMessages, type RecordedFields, readBatch } from "./recorded-event.js";
import { required } from "./required.js";

/** Where Node looks for how to print an object. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** The field holds bytes or text that nobody has asked for yet. */
const NOT_PARSED = Symbol("not parsed");

const EVENT = membersOf<NewStreamEvent>({
  type: true,
  data: true,
  contentType: true,
  metadata: true,
  tags: true,
  id: true,
  stream: true,
});

/**
 * An event for the wire. `place` is that among the events of the append; `idOf` makes
 * the id of an event that has none. Throws `TypeError` for what has no form there: names
 * that are not strings, data or metadata that are not JSON, members that it does not have.
 */
export function encodeEvent(
  event: AnyEvent,
  stream: string,
  place: number,
  idOf: (place: number) => string,
): ProtoNewEvent {
  checkMembers(event, EVENT, place);
  const payload = encodePayload(
    event.data === undefined ? {} : event.data,
    event.contentType,
    place,
  );
  return create(NewEventSchema, {
    stream,
    event: create(EventSchema, {
      id: event.id === undefined ? idOf(place) : checkString(event.id, place, ".id"),
      type: checkString(event.type, place, ".type"),
      data: payload.bytes,
      contentType: payload.contentType,
      metadata: encodeMetadata(event.metadata, place),
      tags: checkStrings(event.tags, place, ".tags"),
    }),
  });
}

/** The tags and lengths of the fields. */
const EVENT_OVERHEAD_BYTES = 28;
const TAG_OVERHEAD_BYTES = 2;

/** About how many bytes an event takes on the wire. */
export function sizeOfEvent(event: ProtoNewEvent): number {
  const { id, data, contentType, metadata, type, tags } = required(event.event, "event");
  let size = EVENT_OVERHEAD_BYTES + event.stream.length + type.length + data.byteLength;
  size += metadata.length + id.length + contentType.length;
  for (const tag of tags) size += tag.length + TAG_OVERHEAD_BYTES;
  return size;
}

/** The events of a frame, in their order; encoded, or decoded as messages. */
export function decodeBatch(batch: EventBatch): RecordedEvent[] {
  const given: EventBatch | Uint8Array = batch;
  const events = given instanceof Uint8Array ? readBatch(given) : fieldsOfMessages(given);
  return events.map((fields) => new DecodedEvent(fields));
}

/** What is not UTF-8 must not become other text, and a byte order mark is the server's to refuse. */
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function encodeMetadata(metadata: unknown, place: Place): string {
  if (metadata === undefined) return "";
  if (metadata instanceof Uint8Array) return textOf(metadata, place);
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    const path = pathTo(place, ".metadata");
    throw new TypeError(`${path} must be an object, but is ${describe(metadata)}`);
  }
  return toJson(metadata, place, ".metadata");
}

function textOf(metadata: Uint8Array, place: Place): string {
  try {
    return strictDecoder.decode(metadata);
  } catch (cause) {
    const path = pathTo(place, ".metadata");
    throw new TypeError(`${path} must be UTF-8 text if it is given as bytes`, { cause });
  }
}

/** Parses data and metadata when they are first asked for: many readers ask for neither. */
class DecodedEvent implements RecordedEvent {
  readonly position: bigint;
  readonly revision: bigint;
  readonly stream: string;
  readonly recordedAt: Date;
  readonly id: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly tags: readonly string[];
  readonly #metadataBytes: Uint8Array;
  #metadata: JsonObject | undefined;
  #data: unknown = NOT_PARSED;

  constructor(fields: RecordedFields) {
    this.position = fields.position;
    this.revision = fields.revision;
    this.stream = fields.stream;
    this.recordedAt = fields.recordedAt;
    this.id = fields.id;
    this.type = fields.type;
    this.bytes = fields.data;
    this.contentType = effectiveContentType(fields.contentType);
    this.tags = fields.tags;
    this.#metadataBytes = fields.metadata;
  }

  get data(): unknown {
    if (this.#data === NOT_PARSED) this.#data = decodePayload(this.bytes, this.contentType);
    return this.#data;
  }

  get metadata(): JsonObject {
    this.#metadata ??=
      this.#metadataBytes.length === 0 ? {} : (parseJson(this.#metadataBytes) as JsonObject);
    return this.#metadata;
  }

  get metadataBytes(): Uint8Array {
    return this.#metadataBytes;
  }

  /** Shows the parsed data in logs, where the getters would not appear. */
  [INSPECT](): object {
    const { bytes: _, ...fields } = this;
    return { ...fields, data: this.data, metadata: this.metadata };
  }
}
