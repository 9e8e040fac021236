import { KeySpace, NAME_END } from "./constants.js";

/** Key spaces whose keys are a term and the last position of a block. */
export type TermSpace = typeof KeySpace.category | typeof KeySpace.tag | typeof KeySpace.type;

const POSITION_BYTES = 8;

export function blockKey(lastPosition: number): Buffer {
  return numberedKey(KeySpace.block, lastPosition);
}

/** Where the ids of a block's appends are listed, so that they can expire. */
export function appendIdExpiryKey(lastPosition: number): Buffer {
  return numberedKey(KeySpace.appendIdExpiry, lastPosition);
}

export function termKey(space: TermSpace, term: string, lastPosition: number): Buffer {
  return namedKey(space, term, lastPosition);
}

export function streamKey(stream: string, lastRevision: number): Buffer {
  return namedKey(KeySpace.stream, stream, lastRevision);
}

/** All keys of one name sort from here to `namedRangeEnd`, both exclusive. */
export function namedRangeStart(space: number, name: string): Buffer {
  return namedPrefix(space, name, NAME_END);
}

export function namedRangeEnd(space: number, name: string): Buffer {
  return namedPrefix(space, name, NAME_END + 1);
}

/** Sorts before every key of the space whose name starts with `prefix`. */
export function prefixKey(space: number, prefix: string): Buffer {
  return Buffer.concat([Uint8Array.of(space), Buffer.from(prefix)]);
}

/**
 * Sorts after every key of the space whose name starts with `prefix`. UTF-8
 * never contains the byte 0xff.
 */
export function prefixEnd(space: number, prefix: string): Buffer {
  return Buffer.concat([Uint8Array.of(space), Buffer.from(prefix), Uint8Array.of(0xff)]);
}

export function appendIdKey(id: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(1 + id.length);
  key[0] = KeySpace.appendId;
  key.set(id, 1);
  return key;
}

export function snapshotKey(stream: string): Buffer {
  return prefixKey(KeySpace.snapshot, stream);
}

export const formatKey: Buffer = prefixKey(KeySpace.metadata, "format");

/** The number at the end of a key: a last position or a last revision. */
export function keyNumber(key: Buffer): number {
  return readUint64(key, key.length - POSITION_BYTES);
}

/** The name inside a key that has one and ends with a number. */
export function keyName(key: Buffer): string {
  return key.toString("utf8", 1, key.length - POSITION_BYTES - 1);
}

export function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

export function writeUint64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  bytes.writeUInt32BE(value % 0x1_0000_0000, at + 4);
}

function numberedKey(space: number, number: number): Buffer {
  const key = Buffer.allocUnsafe(1 + POSITION_BYTES);
  key[0] = space;
  writeUint64(key, 1, number);
  return key;
}

function namedKey(space: number, name: string, number: number): Buffer {
  const nameBytes = Buffer.byteLength(name);
  const key = Buffer.allocUnsafe(nameBytes + 2 + POSITION_BYTES);
  key[0] = space;
  key.write(name, 1);
  key[nameBytes + 1] = NAME_END;
  writeUint64(key, nameBytes + 2, number);
  return key;
}

function namedPrefix(space: number, name: string, end: number): Buffer {
  return Buffer.concat([Uint8Array.of(space), Buffer.from(name), Uint8Array.of(end)]);
}
