import type { Block } from "../format/block.js";
import type { StreamPostings } from "../format/postings.js";
import { decodeRecordedHeader, type RecordedHeader } from "../format/recorded-event.js";
import { VarintReader } from "../format/varint.js";
import { firstRevision } from "../index/stream-index.js";

/** More bytes than this are read from their block each time. */
const BYTES_MAX = 16 * 1024;

/** The events of one stream in one block: where they are, and, once they were read, their bytes. */
export class StreamSlice {
  readonly firstRevision: number;
  #bytes: Buffer | undefined;
  #offsets: number[] | undefined;

  constructor(readonly postings: StreamPostings) {
    this.firstRevision = firstRevision(postings);
  }

  get lastRevision(): number {
    return this.postings.lastRevision;
  }

  /** Whether the events are in memory. */
  get isFilled(): boolean {
    return this.#bytes !== undefined;
  }

  /** What the events take in memory; 0 unless it is filled. */
  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  positionOf(revision: number): number {
    const position = this.postings.positions[revision - this.firstRevision];
    if (position === undefined) throw new RangeError(`revision ${revision} is not in this slice`);
    return position;
  }

  /**
   * Copies the events out of their block, of which a part would keep the whole in memory.
   * False if they are too many, or larger than `bytesMax` together.
   */
  fill(block: Block, bytesMax: number = BYTES_MAX): boolean {
    const parts = this.postings.positions.map((position) => block.slice(position, position));
    const length = parts.reduce((size, part) => size + part.length, 0);
    if (length > Math.min(bytesMax, BYTES_MAX)) return false;
    const bytes = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const part of parts) at += part.copy(bytes, at);
    this.#bytes = bytes;
    return true;
  }

  /** Puts the events somewhere else, and returns the place after them. REQUIRES: it is filled. */
  moveTo(target: Buffer, at: number): number {
    const end = at + this.#filled().copy(target, at);
    this.#bytes = target.subarray(at, end);
    return end;
  }

  /** The events from one revision to another, both inclusive, as they are served. REQUIRES: it is filled. */
  slice(first: number, last: number): Buffer {
    const bytes = this.#filled();
    if (first === this.firstRevision && last === this.lastRevision) return bytes;
    this.#offsets ??= offsetsIn(bytes);
    const start = this.#offsets[first - this.firstRevision];
    const end = this.#offsets[last - this.firstRevision + 1];
    if (start === undefined || end === undefined) {
      throw new RangeError(`revisions ${first} to ${last} are not in this slice`);
    }
    return bytes.subarray(start, end);
  }

  /** What filters look at, of one event. REQUIRES: it is filled. */
  header(revision: number): RecordedHeader {
    const event = this.slice(revision, revision);
    const reader = new VarintReader(event, 1);
    const length = reader.next();
    return decodeRecordedHeader(event.subarray(reader.at, reader.at + length));
  }

  #filled(): Buffer {
    if (!this.#bytes) throw new Error("the events are not in memory");
    return this.#bytes;
  }
}

/** Where each event starts, and at last where they end. */
function offsetsIn(events: Buffer): number[] {
  const reader = new VarintReader(events);
  const offsets = [0];
  while (!reader.done) {
    reader.at++;
    const length = reader.next();
    reader.at += length;
    offsets.push(reader.at);
  }
  return offsets;
}
