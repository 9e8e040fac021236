import { BinaryReader, type WireType } from "@bufbuild/protobuf/wire";
import { ReadResponseSchema, ReplayResponseSchema, SubscribeResponseSchema } from "@varve/proto";
import type { StreamMethod } from "./raw-client.ts";

/** An event as it was served: a `RecordedEvent`, still encoded. */
export interface ServedEvent {
  readonly position: number;
  readonly bytes: Buffer;
}

const eventsFields: Readonly<Record<StreamMethod, number>> = {
  Read: ReadResponseSchema.field.events.number,
  Replay: ReplayResponseSchema.field.events.number,
  Subscribe: SubscribeResponseSchema.field.events.number,
};

/** The events of one frame of an answer; none if it is a frame of another kind. */
export function eventsIn(frame: Buffer, method: StreamMethod): ServedEvent[] {
  return fieldsOf(frame)
    .filter(({ number }) => number === eventsFields[method])
    .flatMap(({ bytes }) => fieldsOf(bytes))
    .map(({ bytes }) => ({ position: positionOf(bytes), bytes }));
}

/** Whether it says that all there is has been sent. */
export function isCaughtUp(frame: Buffer): boolean {
  const { number } = SubscribeResponseSchema.field.caughtUp;
  return fieldsOf(frame).some((field) => field.number === number);
}

interface Field {
  readonly number: number;
  readonly bytes: Buffer;
}

/** The fields of a message that has only fields with a length. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number] = reader.tag();
    const { buffer, byteOffset, length } = reader.bytes();
    fields.push({ number, bytes: Buffer.from(buffer, byteOffset, length) });
  }
  return fields;
}

/** Field 1, which comes first: a varint. */
function positionOf(recorded: Buffer): number {
  const reader = new BinaryReader(recorded);
  const [number, wireType]: [number, WireType] = reader.tag();
  if (number !== 1 || wireType !== 0) throw new Error("an event does not begin with its position");
  return Number(reader.int64());
}
