import { crc32 } from "node:zlib";
import { DamagedEntryError } from "../errors.js";

const CRC_BYTES = 4;

/**
 * The value of every entry that is not a block:
 *
 *     value := crc:u32be content          crc = CRC-32 of key, content
 *
 * The key is part of it, so that an entry in the wrong place is noticed too.
 */
export function checkedValue(key: Buffer, ...content: readonly Uint8Array[]): Buffer {
  let length = CRC_BYTES;
  for (const part of content) length += part.length;
  const value = Buffer.allocUnsafe(length);
  let at = CRC_BYTES;
  for (const part of content) {
    value.set(part, at);
    at += part.length;
  }
  value.writeUInt32BE(checksum(key, value.subarray(CRC_BYTES)));
  return value;
}

/** The content of a value. Throws `DamagedEntryError`. */
export function checkedContent(key: Buffer, value: Buffer): Buffer {
  const content = value.subarray(CRC_BYTES);
  if (value.length < CRC_BYTES || checksum(key, content) !== value.readUInt32BE(0)) {
    throw new DamagedEntryError(key);
  }
  return content;
}

function checksum(key: Buffer, content: Uint8Array): number {
  return crc32(content, crc32(key));
}
