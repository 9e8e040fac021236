import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { textOf } from "./known-texts.js";

/** Bytes of the longest varint there is. */
const VARINT_BYTES_MAX = 10;
/** Bytes of the longest tag, which is a number of 32 bits, and what its last one may be. */
const TAG_BYTES_MAX = 5;
const LAST_TAG_BYTE_MAX = 0x0f;

/** Some bytes are not the protobuf message that they should be; the message says why. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/**
 * Walks over the fields of an encoded message, without taking out of it what is
 * not asked for. Every method throws `MalformedMessageError` if the bytes are not
 * protobuf.
 */
export class FieldReader {
  /** Number of the field. */
  field = 0;
  wireType: number = WireType.Varint;
  /** Where the value is; of a length-delimited one, without its length. */
  start = 0;
  end = 0;
  #at: number;
  #messageEnd: number;

  /** The message is a part of `message`. Default: all of it. */
  constructor(
    readonly message: Buffer,
    start = 0,
    end: number = message.length,
  ) {
    this.#at = start;
    this.#messageEnd = end;
  }

  /** Goes to another message in the same bytes. */
  enter(start: number, end: number): this {
    this.#at = start;
    this.#messageEnd = end;
    return this;
  }

  /** Goes to the next field; false if there is none. */
  next(): boolean {
    if (this.#at >= this.#messageEnd) return false;
    const tagStart = this.#at;
    const tag = this.#uint32();
    if (this.#at - tagStart >= TAG_BYTES_MAX) this.#checkLongTag(tagStart);
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0) throw new MalformedMessageError("a field has the number 0");
    this.start = this.#at;
    this.#at = this.end = this.#endOfValue();
    if (this.end > this.#messageEnd) throw new MalformedMessageError("a field is cut off");
    return true;
  }

  /** Whether the field has bytes: a string, bytes or a message. */
  get isBytes(): boolean {
    return this.wireType === WireType.LengthDelimited;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** The value, which is a message. */
  nested(): FieldReader {
    return new FieldReader(this.message, this.start, this.end);
  }

  /** The value, not copied. */
  bytes(): Buffer {
    return this.message.subarray(this.start, this.end);
  }

  /** The value as text; it must be UTF-8. */
  text(): string {
    const text = textOf(this.message, this.start, this.end);
    if (text === undefined) throw new MalformedMessageError("a string is not UTF-8");
    return text;
  }

  /** The value of a varint from 0 to 2^53 - 1. */
  integer(): number {
    let value = 0;
    for (let at = this.end - 1; at >= this.start; at--) {
      value = value * 0x80 + ((this.message[at] as number) & 0x7f);
    }
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    throw new MalformedMessageError("a number is negative or too large");
  }

  /** What does not fit into 32 bits is no tag, however it goes on. */
  #checkLongTag(start: number): void {
    const last = this.message[this.#at - 1] as number;
    if (this.#at - start === TAG_BYTES_MAX && last <= LAST_TAG_BYTE_MAX) return;
    throw new MalformedMessageError("a field has a number that is too large");
  }

  #endOfValue(): number {
    if (this.wireType === WireType.Varint) return this.#endOfVarint();
    if (this.wireType === WireType.LengthDelimited) {
      const length = this.#uint32();
      this.start = this.#at;
      return this.start + length;
    }
    if (this.wireType === WireType.Bit64) return this.#at + 8;
    if (this.wireType === WireType.Bit32) return this.#at + 4;
    return this.#endOfGroup();
  }

  /** Nothing in the contract is a group; unknown fields may be. */
  #endOfGroup(): number {
    const reader = new BinaryReader(this.message.subarray(this.#at, this.#messageEnd));
    try {
      reader.skip(this.wireType, this.field);
    } catch (cause) {
      throw new MalformedMessageError("a group is not one", { cause });
    }
    return this.#at + reader.pos;
  }

  #endOfVarint(): number {
    let at = this.#at;
    while (at < this.#at + VARINT_BYTES_MAX) {
      if ((this.message[at++] as number) < 0x80) return at;
    }
    throw new MalformedMessageError("a varint is cut off or too long");
  }

  #uint32(): number {
    const first = this.message[this.#at];
    if (first !== undefined && first < 0x80) {
      this.#at++;
      return first;
    }
    const end = this.#endOfVarint();
    let value = 0;
    // What exceeds 32 bits is cut off, as protobuf has it.
    for (let at = this.#at, shift = 0; at < end && shift < 32; at++, shift += 7) {
      value |= ((this.message[at] as number) & 0x7f) << shift;
    }
    this.#at = end;
    return value >>> 0;
  }
}
