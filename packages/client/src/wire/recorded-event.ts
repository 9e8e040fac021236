import type { RecordedEvent as ProtoRecordedEvent } from "@varve/proto";
import { FieldReader, MalformedMessageError } from "@varve/proto/wire";
import { invalidAnswer, required, requiredDate } from "./required.js";

/** What there is of a recorded event before its data and metadata are parsed. */
export interface RecordedFields {
  position: bigint;
  revision: bigint;
  stream: string;
  recordedAt: Date;
  id: string;
  type: string;
  data: Uint8Array;
  contentType: string;
  metadata: string;
  tags: readonly string[];
}

/** Takes a decoded message. Throws `VarveError` if it lacks what the contract promises. */
export function fieldsOfMessage(recorded: ProtoRecordedEvent): RecordedFields {
  const { position, revision, stream } = recorded;
  const event = required(recorded.event, "RecordedEvent.event");
  const { id, type, data, contentType, metadata, tags } = event;
  const recordedAt = requiredDate(recorded.recordedAt, "RecordedEvent.recorded_at");
  return { position, revision, stream, recordedAt, id, type, data, contentType, metadata, tags };
}

/** Reads an encoded message. Throws `VarveError` as `fieldsOfMessage` does. */
export function readFields(bytes: Uint8Array): RecordedFields {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readRecorded(new FieldReader(message));
  } catch (reason) {
    throw reason instanceof MalformedMessageError ? invalidAnswer(reason.message) : reason;
  }
}

const NO_BYTES = new Uint8Array();
const NO_TAGS: readonly string[] = [];

function readRecorded(reader: FieldReader): RecordedFields {
  const fields: RecordedFields = {
    position: 0n,
    revision: 0n,
    stream: "",
    recordedAt: NEVER,
    id: "",
    type: "",
    data: NO_BYTES,
    contentType: "",
    metadata: "",
    tags: NO_TAGS,
  };
  let event: FieldReader | undefined;
  while (reader.next()) {
    const { field } = reader;
    if (!reader.isBytes) {
      if (field === 1) fields.position = BigInt(reader.integer());
      else if (field === 2) fields.revision = BigInt(reader.integer());
    } else if (field === 3) fields.stream = reader.text();
    else if (field === 4) fields.recordedAt = readTime(reader.nested());
    else if (field === 5) event = reader.nested();
  }
  readEvent(required(event, "RecordedEvent.event"), fields);
  if (fields.recordedAt === NEVER) throw invalidAnswer("RecordedEvent.recorded_at is missing");
  return fields;
}

const NEVER = new Date(Number.NaN);

function readEvent(reader: FieldReader, fields: RecordedFields): void {
  const { message } = reader;
  let tags: string[] | undefined;
  while (reader.next()) {
    const { field, start, end } = reader;
    if (!reader.isBytes) continue;
    // Each event has another id: it is not worth to look for it among known texts.
    if (field === 1) fields.id = message.toString("utf8", start, end);
    else if (field === 2) fields.type = reader.text();
    else if (field === 3) {
      fields.data = new Uint8Array(message.buffer, message.byteOffset + start, end - start);
    } else if (field === 4) fields.contentType = reader.text();
    else if (field === 5) fields.metadata = reader.text();
    else if (field === 6) {
      tags ??= [];
      tags.push(reader.text());
    }
  }
  if (tags) fields.tags = tags;
}

/** A `google.protobuf.Timestamp`, to the millisecond. */
function readTime(reader: FieldReader): Date {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.isBytes) continue;
    if (reader.field === 1) seconds = reader.integer();
    else if (reader.field === 2) nanos = reader.integer();
  }
  return new Date(seconds * 1000 + Math.floor(nanos / 1_000_000));
}
