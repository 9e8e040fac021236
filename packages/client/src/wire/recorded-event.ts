import type { EventBatch, RecordedEvent as ProtoRecordedEvent } from "@varve/proto";
import { FieldReader, MalformedMessageError } from "@varve/proto/wire";
import { invalidAnswer, required, requiredDate } from "./required.js";

/** What there is of a recorded event before its data and metadata are parsed. */
export interface RecordedFields {
  position: bigint;
  revision: bigint;
  stream: string;
  /** In ms since 1970. */
  recordedAtMs: number;
  id: string;
  type: string;
  contentType: string;
  tags: readonly string[];
  /** What data and metadata lie in. */
  readonly source: Buffer;
  dataStart: number;
  dataEnd: number;
  metadataStart: number;
  metadataEnd: number;
}

/** Takes the decoded messages of a batch. Throws `VarveError` if they lack what the contract promises. */
export function fieldsOfMessages({ events }: EventBatch): RecordedFields[] {
  return events.map(fieldsOfMessage);
}

function fieldsOfMessage(recorded: ProtoRecordedEvent): RecordedFields {
  const { position, revision, stream } = recorded;
  const event = required(recorded.event, "RecordedEvent.event");
  const { id, type, data, contentType, tags } = event;
  const recordedAt = requiredDate(recorded.recordedAt, "RecordedEvent.recorded_at");
  const source = Buffer.concat([data, Buffer.from(event.metadata)]);
  return {
    position,
    revision,
    stream,
    recordedAtMs: recordedAt.getTime(),
    id,
    type,
    contentType,
    tags,
    source,
    dataStart: 0,
    dataEnd: data.length,
    metadataStart: data.length,
    metadataEnd: source.length,
  };
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

const NO_TAGS: readonly string[] = [];

/** Walks over a batch with one reader for each depth: there are many events. */
class BatchReader {
  readonly #source: Buffer;
  readonly #batch: FieldReader;
  readonly #recorded: FieldReader;
  readonly #inner: FieldReader;

  constructor(source: Buffer) {
    this.#source = source;
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
      recordedAtMs: Number.NaN,
      id: "",
      type: "",
      contentType: "",
      tags: NO_TAGS,
      source: this.#source,
      dataStart: 0,
      dataEnd: 0,
      metadataStart: 0,
      metadataEnd: 0,
    };
    let hasEvent = false;
    while (reader.next()) {
      const { field, start, end } = reader;
      if (!reader.isBytes) {
        if (field === 1) fields.position = BigInt(reader.integer());
        else if (field === 2) fields.revision = BigInt(reader.integer());
      } else if (field === 3) fields.stream = reader.text();
      else if (field === 4) fields.recordedAtMs = readTime(this.#inner.enter(start, end));
      else if (field === 5) {
        hasEvent = true;
        readEvent(this.#inner.enter(start, end), fields);
      }
    }
    if (!hasEvent) throw invalidAnswer("RecordedEvent.event is missing");
    if (Number.isNaN(fields.recordedAtMs)) {
      throw invalidAnswer("RecordedEvent.recorded_at is missing");
    }
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
    else if (field === 3) {
      fields.dataStart = start;
      fields.dataEnd = end;
    } else if (field === 4) fields.contentType = reader.text();
    else if (field === 5) {
      fields.metadataStart = start;
      fields.metadataEnd = end;
    } else if (field === 6) {
      tags ??= [];
      tags.push(reader.text());
    }
  }
  if (tags) fields.tags = tags;
}

/** A `google.protobuf.Timestamp`, in ms since 1970. */
function readTime(reader: FieldReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.isBytes) continue;
    if (reader.field === 1) seconds = reader.integer();
    else if (reader.field === 2) nanos = reader.integer();
  }
  return seconds * 1000 + Math.floor(nanos / 1_000_000);
}
