import { BinaryReader } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { FieldReader, MalformedMessageError } from "./field-reader.js";

const VALUE = 0x07;

// Its story: a damaged frame of appends was read on behind a tag that protobuf has no room
// for, and appends were stored and answered that no other reader finds in it.
describe("a tag", () => {
  it.each([
    ["of one byte", [0x08]],
    ["of five bytes, as large as there are", [0xf8, 0xff, 0xff, 0xff, 0x0f]],
    ["of five bytes that could be one", [0x88, 0x80, 0x80, 0x80, 0x00]],
  ])("is read %s", (_, tag) => {
    const bytes = Buffer.from([...tag, VALUE]);
    const reader = new FieldReader(bytes);
    expect(reader.next()).toBe(true);
    const [field, wireType] = new BinaryReader(bytes).tag();
    expect([reader.field, reader.wireType]).toEqual([field, wireType]);
    expect(reader.integer()).toBe(VALUE);
  });

  it.each([
    ["has more than 32 bits", [0xf8, 0xff, 0xff, 0xff, 0x1f]],
    ["has six bytes", [0x88, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ["has ten bytes", [...Array<number>(9).fill(0x95), 0x0a]],
    ["has no end", Array<number>(11).fill(0x95)],
    ["is of field 0", [0x00]],
  ])("is malformed if it %s", (_, tag) => {
    const bytes = Buffer.from([...tag, VALUE, 0, 0, 0]);
    expect(() => new FieldReader(bytes).next()).toThrow(MalformedMessageError);
    expect(() => new BinaryReader(bytes).tag()).toThrow();
  });
});
