import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { malformedRequest, StoreError } from "../errors.js";

/** Calls `take` for every length-delimited field; skips the others. Throws MALFORMED_REQUEST. */
export function readFields(message: Buffer, take: (field: number, value: Buffer) => void): void {
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType === WireType.LengthDelimited) take(field, reader.bytes() as Buffer);
      else reader.skip(wireType, field);
    }
  } catch (cause) {
    throw cause instanceof StoreError ? cause : malformedRequest(cause);
  }
}
