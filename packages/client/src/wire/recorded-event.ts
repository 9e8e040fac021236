import type { EventBatch, RecordedEvent as ProtoRecordedEvent } from "@varve/proto";
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
  contentType: string;
  tags: readonly string[];
  data: Uint8Array;
  /** JSON; empty if there is none. */
  metadata: Uint8Array;
}

/** Takes the decoded messages of a batch. Throws `VarveError` if they lack what the contract promises. */
export function fieldsOfMessages({ events }: EventBatch): RecordedFields[] {
  return events.map(fieldsOfMessage);
}

const encoder = new TextEncoder();

function fieldsOfMessage(recorded: ProtoRecordedEvent): RecordedFields {
  const { position, revision, stream } = recorded;
  const event = required(recorded.event, "RecordedEvent.event");
  const { id, type, data, contentType, tags } = event;
  const recordedAt = requiredDate(recorded.recordedAt, "RecordedEvent.recorded_at");
  const metadata = encoder.encode(event.metadata);
  return { position, revision, stream, recordedAt, id, type, contentType, tags, data, metadata };
}

/** Reads an encoded batch. Throws `VarveError` as `fieldsOfMessages` does. */
export function readBatch(bytes: Uint8Array): RecordedFields[] {
  const batch = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return new BatchReader(batch).read();
  } catch (reason) {
    throw reason instanceof MalformedMessageError ? invalidAnswer(reason.message) : reason;
  }
}

const NO_BYTES = new Uint8Array();
const NO_TAGS: readonly string[] = [];
const NEVER = new Date(Number.NaN);

/** Walks over a batch with one reader for each depth: there are many events. */
class BatchReader {
  readonly #batch: FieldReader;
  readonly #recorded: FieldReader;
  readonly #inner: FieldReader;

  constructor(source: Buffer) {
    this.#batch = new FieldReader(source);
    this.#recorded = new FieldReader(source);
    this.#inner = new FieldReader(source);
  }

  read(): RecordedFields[] {
    const events: RecordedFields[] = [];
    const batch = this.#batch;
    while (batch.next()) {
      if (batch.field === 1 && batch.isBytes) {
        events.push(this.#readRecorded(this.#recorded.enter(batch.start, batch.end)));
      }
    }
    return events;
  }

  #readRecorded(reader: FieldReader): RecordedFields {
    const fields: RecordedFields = {
      position: 0n,
      revision: 0n,
      stream: "",
      recordedAt: NEVER,
      id: "",
      type: "",
      contentType: "",
      tags: NO_TAGS,
      data: NO_BYTES,
      metadata: NO_BYTES,
    };
    let hasEvent = false;
    while (reader.next()) {
      const { field, start, end } = reader;
      if (!reader.isBytes) {
        if (field === 1) fields.position = BigInt(reader.integer());
        else if (field === 2) fields.revision = BigInt(reader.integer());
      } else if (field === 3) fields.stream = reader.text();
      else if (field === 4) fields.recordedAt = readTime(this.#inner.enter(start, end));
      else if (field === 5) {
        hasEvent = true;
        readEvent(this.#inner.enter(start, end), fields);
      }
    }
    if (!hasEvent) throw invalidAnswer("RecordedEvent.event is missing");
    if (fields.recordedAt === NEVER) throw invalidAnswer("RecordedEvent.recorded_at is missing");
    return fields;
  }
}

function readEvent(reader: FieldReader, fields: RecordedFields): void {
  let tags: string[] | undefined;
  while (reader.next()) {
    const { field, start, end } = reader;
    if (!reader.isBytes) continue;
    // Each event has another id, a UUID: it is not worth to look for it among known texts.
    if (field === 1) fields.id = reader.message.toString("latin1", start, end);
    else if (field === 2) fields.type = reader.text();
    else if (field === 3) fields.data = view(reader);
    else if (field === 4) fields.contentType = reader.text();
    else if (field === 5) fields.metadata = view(reader);
    else if (field === 6) {
      tags ??= [];
      tags.push(reader.text());
    }
  }
  if (tags) fields.tags = tags;
}

/** The bytes of the field, not copied. */
function view({ message, start, length }: FieldReader): Uint8Array {
  return new Uint8Array(message.buffer, message.byteOffset + start, length);
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
