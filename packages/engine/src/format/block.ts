import { createHash, hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { DataCorruptError } from "../errors.js";
import { BLOCK_FORMAT, BlockOffset, CHAIN_BYTES } from "./constants.js";
import { readUint64, writeUint64 } from "./keys.js";
import { decodeRecordedHeader, EVENTS_FIELD, type RecordedHeader } from "./recorded-event.js";
import { VarintReader } from "./varint.js";

/**
 * A run of recorded events under one checksum: the entry of the log.
 *
 *     block    := crc:u32be covered            crc = CRC-32 of covered
 *     covered  := format:u8 chain:32bytes sealed
 *     chain    := SHA-256(chain of the block before, sealed)
 *     sealed   := last-position:u64be count:u32be time-ms:u48be body
 *     body     := (0x0a length:varint RecordedEvent){count}
 */
export class Block {
  readonly lastPosition: number;
  readonly count: number;
  /** When its events were recorded, in ms since 1970. */
  readonly timeMs: number;
  #offsets: Uint32Array | undefined;
  #headers: readonly RecordedHeader[] | undefined;

  /** REQUIRES: `bytes` come from `sealBlock` or have passed `openBlock`. */
  constructor(
    readonly bytes: Buffer,
    headers?: readonly RecordedHeader[],
  ) {
    this.lastPosition = readUint64(bytes, BlockOffset.lastPosition);
    this.count = bytes.readUInt32BE(BlockOffset.count);
    this.timeMs = bytes.readUIntBE(BlockOffset.time, 6);
    this.#headers = headers;
  }

  get firstPosition(): number {
    return this.lastPosition - this.count + 1;
  }

  get chain(): Buffer {
    return this.bytes.subarray(BlockOffset.chain, BlockOffset.chain + CHAIN_BYTES);
  }

  /** The events from one position to another, both inclusive, as they are served. */
  slice(first: number, last: number): Buffer {
    if (first === this.firstPosition && last === this.lastPosition) {
      return this.bytes.subarray(BlockOffset.body);
    }
    const offsets = this.#offsetsOnce();
    const start = offsets[first - this.firstPosition];
    const end = offsets[last - this.firstPosition + 1];
    if (start === undefined || end === undefined) {
      throw new RangeError(`positions ${first} to ${last} are not in block ${this.lastPosition}`);
    }
    return this.bytes.subarray(start, end);
  }

  /** What filters and the index look at, for each event in order. Decoded once. */
  headers(): readonly RecordedHeader[] {
    this.#headers ??= this.#decodeHeaders();
    return this.#headers;
  }

  /** What filters and the index look at, of one event. */
  header(position: number): RecordedHeader {
    const header = this.headers()[position - this.firstPosition];
    if (!header) throw new RangeError(`position ${position} is not in block ${this.lastPosition}`);
    return header;
  }

  /** Where each event starts in `bytes`, and at last where the block ends. */
  #offsetsOnce(): Uint32Array {
    this.#offsets ??= this.#walk();
    return this.#offsets;
  }

  #walk(): Uint32Array {
    const offsets = new Uint32Array(this.count + 1);
    const reader = new VarintReader(this.bytes, BlockOffset.body);
    for (let i = 0; i < this.count; i++) {
      offsets[i] = reader.at;
      if (this.bytes[reader.at++] !== EVENTS_FIELD) throw this.#corrupt("event without its tag");
      const length = reader.next();
      reader.at += length;
    }
    if (reader.at !== this.bytes.length) throw this.#corrupt("events do not end where it ends");
    offsets[this.count] = reader.at;
    return offsets;
  }

  #decodeHeaders(): RecordedHeader[] {
    const offsets = this.#offsetsOnce();
    return Array.from({ length: this.count }, (_, i) => {
      const reader = new VarintReader(this.bytes, (offsets[i] as number) + 1);
      const length = reader.next();
      return decodeRecordedHeader(this.bytes.subarray(reader.at, reader.at + length));
    });
  }

  #corrupt(what: string): DataCorruptError {
    return new DataCorruptError(this.lastPosition, what);
  }
}

/** What a new block is made of. `bytes` has the body in place and room for the header before it. */
export interface BlockParts {
  readonly bytes: Buffer;
  readonly lastPosition: number;
  readonly count: number;
  readonly timeMs: number;
  readonly previousChain: Buffer;
  readonly headers: readonly RecordedHeader[];
}

/** Fills in the header of a new block. */
export function sealBlock(parts: BlockParts): Block {
  const { bytes } = parts;
  bytes[BlockOffset.format] = BLOCK_FORMAT;
  writeUint64(bytes, BlockOffset.lastPosition, parts.lastPosition);
  bytes.writeUInt32BE(parts.count, BlockOffset.count);
  bytes.writeUIntBE(parts.timeMs, BlockOffset.time, 6);
  // What the chain hashes then lies in one piece, which is hashed in one go.
  bytes.set(parts.previousChain, BlockOffset.chain);
  bytes.set(hash("sha256", bytes.subarray(BlockOffset.chain), "buffer"), BlockOffset.chain);
  bytes.writeUInt32BE(crc32(bytes.subarray(BlockOffset.format)), BlockOffset.crc);
  return new Block(bytes, parts.headers);
}

/**
 * Checks a block as it was read from disk: its checksum, its format and its
 * place. Throws `DataCorruptError`; wrong bytes are never served.
 */
export function openBlock(bytes: Buffer, expectedLast: number): Block {
  const fail = (what: string): never => {
    throw new DataCorruptError(expectedLast, what);
  };
  if (bytes.length < BlockOffset.body) fail("block is cut off");
  if (crc32(bytes.subarray(BlockOffset.format)) !== bytes.readUInt32BE(BlockOffset.crc)) {
    fail("checksum does not match");
  }
  if (bytes[BlockOffset.format] !== BLOCK_FORMAT) fail("unknown block format");
  const block = new Block(bytes);
  if (block.lastPosition !== expectedLast) fail(`block belongs at ${block.lastPosition}`);
  if (block.count < 1 || block.firstPosition < 1) fail("impossible event count");
  return block;
}

/** Whether `block` directly follows one that ends at `previousLast` with `previousChain`. */
export function followsOn(block: Block, previousLast: number, previousChain: Buffer): boolean {
  return (
    block.firstPosition === previousLast + 1 &&
    chainOf(block.bytes, previousChain).equals(block.chain)
  );
}

function chainOf(bytes: Buffer, previousChain: Buffer): Buffer {
  return createHash("sha256")
    .update(previousChain)
    .update(bytes.subarray(BlockOffset.sealed))
    .digest();
}
