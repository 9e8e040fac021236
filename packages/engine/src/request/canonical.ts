import {
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { WireType } from "@bufbuild/protobuf/wire";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { ConditionSchema, EventSchema, NewEventSchema } from "@varve/proto";
import { hasCapitals } from "./uuid.js";

/**
 * Protobuf lets the same content be encoded in many ways: fields in any order, empty
 * ones written or left out, one message in several parts. The canonical encoding has
 * the fields in the order of their numbers, none that is empty, and of a field that
 * comes twice what counts; unknown fields come last, as they were sent, in the order
 * of their numbers. A UUID is in small letters.
 */

/** What is known of a message whose canonical encoding is seen at a glance. */
interface Shape {
  /** By their numbers. */
  readonly fields: readonly (FieldShape | undefined)[];
}

interface FieldShape {
  readonly wireType: WireType.Varint | WireType.LengthDelimited;
  /** Of the value, or of its length; a larger one takes more than a glance. */
  readonly varintBytesMax: number;
  readonly repeated: boolean;
  /** Whether it may be there and empty. */
  readonly emptyCounts: boolean;
  readonly isUuid: boolean;
  /** A bit for each oneof of the message; 0 if it is in none. */
  readonly oneof: number;
  readonly message: Shape | undefined;
}

const newEventShape = shapeOf(NewEventSchema);
const conditionShape = shapeOf(ConditionSchema);

/** Whether an encoded `NewEvent` is canonical. False also if that takes more than a glance. */
export function isCanonicalEvent(message: Buffer, start: number, end: number): boolean {
  return isCanonical(message, start, end, newEventShape);
}

/** Whether an encoded `Condition` is canonical. False also if that takes more than a glance. */
export function isCanonicalCondition(message: Buffer, start: number, end: number): boolean {
  return isCanonical(message, start, end, conditionShape);
}

/** The canonical encoding of an encoded `NewEvent`. */
export function canonicalEvent(bytes: Buffer): Uint8Array {
  const message = fromBinary(NewEventSchema, bytes);
  if (message.event) message.event.id = message.event.id.toLowerCase();
  sortUnknown(reflect(NewEventSchema, message));
  return toBinary(NewEventSchema, message);
}

/** The canonical encoding of an encoded `Condition`. */
export function canonicalCondition(bytes: Buffer): Uint8Array {
  const message = fromBinary(ConditionSchema, bytes);
  sortUnknown(reflect(ConditionSchema, message));
  return toBinary(ConditionSchema, message);
}

/** REQUIRES: the bytes are protobuf. */
function isCanonical(message: Buffer, start: number, end: number, { fields }: Shape): boolean {
  let at = start;
  let last = 0;
  let oneofs = 0;
  while (at < end) {
    const tag = message[at++] as number;
    const number = tag >>> 3;
    const field = fields[number];
    if (tag >= 0x80 || field?.wireType !== (tag & 7)) return false;
    if (number < last || (number === last && !field.repeated)) return false;
    if ((oneofs & field.oneof) !== 0) return false;
    last = number;
    oneofs |= field.oneof;
    const valueStart = endOfVarint(message, at, field.varintBytesMax);
    if (valueStart === 0) return false;
    const first = message[at] as number;
    if (first === 0 && !field.emptyCounts) return false;
    if (field.wireType === WireType.Varint) at = valueStart;
    else {
      at = valueStart + (first < 0x80 ? first : varint(message, at, valueStart));
      if (field.message && !isCanonical(message, valueStart, at, field.message)) return false;
      if (field.isUuid && hasCapitals(message, valueStart, at)) return false;
    }
  }
  return true;
}

/** The place after a varint; 0 if it is long, or longer than it has to be. */
function endOfVarint(message: Buffer, start: number, bytesMax: number): number {
  if ((message[start] as number) < 0x80) return start + 1;
  for (let at = start + 1; at < start + bytesMax; at++) {
    const byte = message[at] as number;
    if (byte < 0x80) return byte === 0 ? 0 : at + 1;
  }
  return 0;
}

function varint(message: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) {
    value = value * 0x80 + ((message[at] as number) & 0x7f);
  }
  return value;
}

/** Fields that it leaves out are never canonical at a glance. */
function shapeOf(message: DescMessage): Shape {
  const fields: (FieldShape | undefined)[] = [];
  for (const field of message.fields) fields[field.number] = fieldShapeOf(field);
  return { fields };
}

function fieldShapeOf(field: DescField): FieldShape | undefined {
  const value = valueShapeOf(field);
  if (!value) return undefined;
  const repeated = field.fieldKind === "list";
  return {
    ...value,
    repeated,
    emptyCounts: repeated || field.presence !== FeatureSet_FieldPresence.IMPLICIT,
    isUuid: field === EventSchema.field.id,
    oneof: field.oneof ? 1 << field.parent.oneofs.indexOf(field.oneof) : 0,
    message: field.message && shapeOf(field.message),
  };
}

/** A length is far below 2^28, a number mostly below 2^56, and an enum's below 2^7. */
function valueShapeOf(
  field: DescField,
): Pick<FieldShape, "wireType" | "varintBytesMax"> | undefined {
  if (field.fieldKind === "map") return undefined;
  const isText = field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES;
  if (field.message || isText) return { wireType: WireType.LengthDelimited, varintBytesMax: 4 };
  if (field.fieldKind === "enum") return { wireType: WireType.Varint, varintBytesMax: 1 };
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.INT64) {
    return { wireType: WireType.Varint, varintBytesMax: 8 };
  }
  return undefined;
}

function sortUnknown(reflected: ReflectMessage): void {
  const message: Message = reflected.message;
  message.$unknown?.sort((a, b) => a.no - b.no);
  for (const field of reflected.fields) {
    if (!reflected.isSet(field)) continue;
    if (field.fieldKind === "message") sortUnknown(reflected.get(field));
    else if (field.fieldKind === "list" && field.listKind === "message") {
      for (const element of reflected.get(field)) sortUnknown(element as ReflectMessage);
    }
  }
}
