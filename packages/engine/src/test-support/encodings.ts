import { type DescField, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

/** A whole number from 0, which is what encoders usually do, to below a bound. */
export type Choose = (bound: number) => number;

/**
 * Some encoding of a message, out of the many that mean the same: its fields in any
 * order, empty ones written or not, values that later ones replace, messages in parts,
 * lengths in more bytes than they need.
 */
export function anyEncoding(message: ReflectMessage, choose: Choose): Uint8Array {
  return Buffer.concat(anyParts(message, choose));
}

/** Encoded fields, one after the other. */
function anyParts(message: ReflectMessage, choose: Choose): Uint8Array[] {
  return shuffled(
    message.members.map((member) =>
      member.kind === "oneof"
        ? oneofParts(message, member, choose)
        : fieldParts(message, member, choose),
    ),
    choose,
  );
}

/** The last member counts, whatever came before it. */
function oneofParts(message: ReflectMessage, oneof: DescOneof, choose: Choose): Uint8Array[] {
  const set = message.oneofCase(oneof);
  if (!set) return [];
  const other = oneof.fields[choose(oneof.fields.length)] as DescField;
  const replaced = other !== set && choose(2) > 0 ? [someValue(other, choose)] : [];
  return [...replaced, ...fieldParts(message, set, choose)];
}

function fieldParts(message: ReflectMessage, field: DescField, choose: Choose): Uint8Array[] {
  const isSet = message.isSet(field);
  if (field.fieldKind === "list") {
    return [...message.get(field)].map((element) =>
      field.listKind === "message"
        ? bytesField(field, anyEncoding(element as ReflectMessage, choose), choose)
        : valueField(field, element as string, choose),
    );
  }
  if (field.fieldKind === "message") {
    return isSet ? messageParts(field, anyParts(message.get(field), choose), choose) : [];
  }
  const mayBeEmpty = field.presence === FeatureSet_FieldPresence.IMPLICIT;
  const replaced = (isSet || mayBeEmpty) && choose(2) > 0 ? [someValue(field, choose)] : [];
  const written = isSet || replaced.length > 0 || (mayBeEmpty && choose(2) > 0);
  return written ? [...replaced, valueField(field, message.get(field) as Value, choose)] : [];
}

/** In one part, or two. */
function messageParts(field: DescField, parts: Uint8Array[], choose: Choose): Uint8Array[] {
  const cut = choose(parts.length + 1);
  const halves = [parts.slice(0, cut), parts.slice(cut)];
  return halves
    .filter((half, i) => i === 1 || half.length > 0)
    .map((half) => bytesField(field, Buffer.concat(half), choose));
}

type Value = string | Uint8Array | bigint | number;

function someValue(field: DescField, choose: Choose): Uint8Array {
  if (field.fieldKind === "message") return bytesField(field, Buffer.of(), choose);
  const isText = field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES;
  return valueField(field, isText ? (["", "x"][choose(2)] as string) : choose(2), choose);
}

function valueField(field: DescField, value: Value, choose: Choose): Uint8Array {
  if (typeof value === "string") return bytesField(field, Buffer.from(value), choose);
  if (value instanceof Uint8Array) return bytesField(field, value, choose);
  return new BinaryWriter().tag(field.number, WireType.Varint).int64(value).finish();
}

function bytesField({ number }: DescField, bytes: Uint8Array, choose: Choose): Uint8Array {
  const length = new BinaryWriter().uint32(bytes.length).finish();
  const tag = Buffer.of((number << 3) | WireType.LengthDelimited);
  return Buffer.concat([tag, choose(2) > 0 ? longer(length) : length, bytes]);
}

/** The same number in one byte more. */
function longer(varint: Uint8Array): Uint8Array {
  const last = varint.length - 1;
  return Buffer.of(...varint.slice(0, last), (varint[last] as number) | 0x80, 0);
}

/** The elements of all lists; those of one keep their order. */
function shuffled<T>(lists: readonly (readonly T[])[], choose: Choose): T[] {
  const rest = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const result: T[] = [];
  while (rest.length > 0) {
    const i = choose(rest.length);
    result.push((rest[i] as T[]).shift() as T);
    if ((rest[i] as T[]).length === 0) rest.splice(i, 1);
  }
  return result;
}
