import { FieldReader } from "@varve/proto/wire";

/**
 * The value of a field of a message that holds a message and may have been sent in
 * several parts: put one after the other they are its encoding.
 */
export function mergedField(message: Buffer, start: number, end: number, field: number): Buffer {
  const merged = Buffer.allocUnsafe(end - start);
  let length = 0;
  const reader = new FieldReader(message, start, end);
  while (reader.next()) {
    if (reader.field !== field || !reader.isBytes) continue;
    length += message.copy(merged, length, reader.start, reader.end);
  }
  return merged.subarray(0, length);
}
