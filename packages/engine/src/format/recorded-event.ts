import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { varintSize, writeVarint } from "./varint.js";

/** What filters look at. */
export interface EventHeader {
  readonly stream: string;
  readonly type: string;
  readonly tags: readonly string[];
}

/** What the index is made of. */
export interface RecordedHeader extends EventHeader {
  readonly revision: number;
}

/** Everything that goes into the encoding of one recorded event. */
export interface EventToRecord {
  readonly position: number;
  readonly revision: number;
  readonly stream: Uint8Array;
  /** An encoded `google.protobuf.Timestamp`. */
  readonly recordedAt: Uint8Array;
  /** The encoded `Event` as it was received. */
  readonly event: Uint8Array;
}

// Tags of the fields of `RecordedEvent`, and of `EventBatch.events`.
const POSITION = 0x08;
const REVISION = 0x10;
const STREAM = 0x1a;
const RECORDED_AT = 0x22;
const EVENT = 0x2a;
export const EVENTS_FIELD = 0x0a;

/** Bytes that `writeRecordedEvent` will write. */
export function recordedEventSize(event: EventToRecord): number {
  const size = messageSize(event);
  return 1 + varintSize(size) + size;
}

/**
 * Writes the event as an element of `EventBatch.events`, and returns the place
 * after it. A run of these is the body of a block and of a response alike.
 */
export function writeRecordedEvent(target: Buffer, start: number, event: EventToRecord): number {
  let at = start;
  target[at++] = EVENTS_FIELD;
  at = writeVarint(target, at, messageSize(event));
  target[at++] = POSITION;
  at = writeVarint(target, at, event.position);
  target[at++] = REVISION;
  at = writeVarint(target, at, event.revision);
  at = writeBytes(target, at, STREAM, event.stream);
  at = writeBytes(target, at, RECORDED_AT, event.recordedAt);
  return writeBytes(target, at, EVENT, event.event);
}

/** An encoded `google.protobuf.Timestamp`. */
export function encodeTimestamp(timeMs: number): Buffer {
  const seconds = Math.floor(timeMs / 1000);
  const nanos = (timeMs - seconds * 1000) * 1_000_000;
  const bytes = Buffer.allocUnsafe(2 + varintSize(seconds) + varintSize(nanos));
  bytes[0] = 0x08;
  let at = writeVarint(bytes, 1, seconds);
  bytes[at++] = 0x10;
  at = writeVarint(bytes, at, nanos);
  return bytes;
}

/**
 * Reads what the index is made of, and skips the rest, from an encoded `RecordedEvent`: the
 * same as `parseAppend` read from the event when it was appended.
 */
export function decodeRecordedHeader(recorded: Uint8Array): RecordedHeader {
  const reader = new BinaryReader(recorded);
  let stream = "";
  let revision = 0;
  let event: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2 && wireType === WireType.Varint) revision = Number(reader.int64());
    else if (field === 3 && wireType === WireType.LengthDelimited) stream = reader.string();
    else if (field === 5 && wireType === WireType.LengthDelimited) event = reader.bytes();
    else reader.skip(wireType, field);
  }
  return { stream, revision, ...decodeTypeAndTags(event) };
}

function decodeTypeAndTags(event: Uint8Array): Omit<EventHeader, "stream"> {
  const reader = new BinaryReader(event);
  const tags: string[] = [];
  let type = "";
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2 && wireType === WireType.LengthDelimited) type = reader.string();
    else if (field === 6 && wireType === WireType.LengthDelimited) {
      const tag = reader.string();
      // Each once, however often it was sent.
      if (!tags.includes(tag)) tags.push(tag);
    } else reader.skip(wireType, field);
  }
  return { type, tags };
}

function messageSize(event: EventToRecord): number {
  return (
    2 +
    varintSize(event.position) +
    varintSize(event.revision) +
    bytesSize(event.stream) +
    bytesSize(event.recordedAt) +
    bytesSize(event.event)
  );
}

function bytesSize(bytes: Uint8Array): number {
  return 1 + varintSize(bytes.length) + bytes.length;
}

function writeBytes(target: Buffer, start: number, tag: number, bytes: Uint8Array): number {
  target[start] = tag;
  const at = writeVarint(target, start + 1, bytes.length);
  target.set(bytes, at);
  return at + bytes.length;
}
