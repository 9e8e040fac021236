import { checkedContent } from "./checked-value.js";
import { keyNumber, readUint64, writeUint64 } from "./keys.js";
import { VarintReader, varintSize, writeVarint } from "./varint.js";

/**
 * Postings say which events of one block carry a term, or belong to a stream.
 *
 *     postings := distance:varint+
 *
 * A distance counts back from the block's last position, so that a reader needs
 * the key alone, not the block, to know every position. They are written
 * furthest first: positions ascend.
 */
export function encodePostings(positions: readonly number[], lastPosition: number): Uint8Array {
  return distances(positions, lastPosition);
}

/**
 * More bytes than any entry of the index has: a name of 512 bytes, and two for each of the
 * few hundred events that a block can hold. For reads that must not be cut short by bytes.
 */
export const POSTINGS_BYTES_MAX = 4096;

/** The positions of an entry whose key ends with the block. Throws `DamagedEntryError`. */
export function decodePostings(key: Buffer, value: Buffer): number[] {
  return readPostings(new VarintReader(checkedContent(key, value)), keyNumber(key));
}

/** The events of one stream in one block. */
export interface StreamPostings {
  /** Revision of the stream's last event in the block. */
  readonly lastRevision: number;
  /** Last position of the block. */
  readonly blockLast: number;
  /** The block's time, in ms since 1970. */
  readonly timeMs: number;
  /** Ascending; their revisions end at `lastRevision` without gaps. */
  readonly positions: readonly number[];
}

/**
 *     stream-postings := time-ms:u48be block-last:u64be postings
 */
export function encodeStreamPostings(entry: Omit<StreamPostings, "lastRevision">): Buffer {
  const tail = distances(entry.positions, entry.blockLast);
  const value = Buffer.allocUnsafe(STREAM_HEADER_BYTES + tail.length);
  value.writeUIntBE(entry.timeMs, 0, 6);
  writeUint64(value, 6, entry.blockLast);
  value.set(tail, STREAM_HEADER_BYTES);
  return value;
}

/** An entry whose key ends with the last revision. Throws `DamagedEntryError`. */
export function decodeStreamPostings(key: Buffer, value: Buffer): StreamPostings {
  const content = checkedContent(key, value);
  const blockLast = readUint64(content, 6);
  const positions = readPostings(new VarintReader(content, STREAM_HEADER_BYTES), blockLast);
  return { lastRevision: keyNumber(key), blockLast, timeMs: content.readUIntBE(0, 6), positions };
}

const STREAM_HEADER_BYTES = 14;

function distances(positions: readonly number[], lastPosition: number): Uint8Array {
  let size = 0;
  for (const position of positions) size += varintSize(lastPosition - position);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const position of positions) at = writeVarint(bytes, at, lastPosition - position);
  return bytes;
}

function readPostings(reader: VarintReader, lastPosition: number): number[] {
  const positions: number[] = [];
  while (!reader.done) positions.push(lastPosition - reader.next());
  return positions;
}
