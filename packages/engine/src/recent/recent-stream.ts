import type { Block } from "../format/block.js";
import type { EventHeader } from "../format/recorded-event.js";
import type { NumberedEvents } from "../index/select.js";
import type { StreamSlice } from "./stream-slice.js";

/** Slices of one stream that are kept at most. */
export const SLICES_MAX = 64;
/** Bytes of events of one stream that are kept at most: a slow reader may hold on to them. */
const EVENT_BYTES_MAX = 64 * 1024;

/** What a stream and a slice take in memory besides names, positions and events, about, bytes. */
const STREAM_OVERHEAD_BYTES = 400;
const SLICE_OVERHEAD_BYTES = 300;
const POSITION_BYTES = 8;

/** The newest events of one stream: without a gap, up to its end. */
export class RecentStream implements NumberedEvents {
  #slices: readonly StreamSlice[];
  #eventBytes: number;
  /** All events in one piece, for as long as nothing follows. */
  #packed: Buffer | undefined;

  /** REQUIRES: `slices` follow on one another, and nothing follows on the last. */
  constructor(
    readonly name: string,
    slices: readonly StreamSlice[],
  ) {
    this.#slices = slices;
    this.#eventBytes = slices.reduce((bytes, slice) => bytes + slice.length, 0);
  }

  /** -1 if the stream has no events. */
  get lastRevision(): number {
    return this.#slices.at(-1)?.lastRevision ?? -1;
  }

  /** The oldest that is here; one after the last if none is. */
  get firstRevision(): number {
    return this.#slices[0]?.firstRevision ?? 0;
  }

  /** What all of it takes in memory, about. */
  get bytes(): number {
    let positions = 0;
    for (const { postings } of this.#slices) positions += postings.positions.length;
    return (
      STREAM_OVERHEAD_BYTES +
      2 * this.name.length +
      SLICE_OVERHEAD_BYTES * this.#slices.length +
      POSITION_BYTES * positions +
      this.#eventBytes
    );
  }

  /** The last revision at a position of the log, -1 if it had no event; `undefined` if that is not known here. */
  revisionAt(position: number): number | undefined {
    for (let i = this.#slices.length - 1; i >= 0; i--) {
      const { postings } = this.#slices[i] as StreamSlice;
      if ((postings.positions.at(-1) as number) <= position) return postings.lastRevision;
      const later = postings.positions.filter((at) => at > position).length;
      if (later < postings.positions.length) return postings.lastRevision - later;
    }
    return this.firstRevision === 0 ? -1 : undefined;
  }

  /** What holds these revisions, in order. REQUIRES: first ≥ `firstRevision`. */
  holding(first: number, last: number): readonly StreamSlice[] {
    return this.#slices.filter(
      (slice) => slice.lastRevision >= first && slice.firstRevision <= last,
    );
  }

  /**
   * Brings all events into one piece, to be served as one; false if some are not in
   * memory. That lasts for as long as nothing follows.
   */
  pack(): boolean {
    if (!this.#packed && this.#slices.every(({ isFilled }) => isFilled)) {
      const packed = Buffer.allocUnsafeSlow(this.#eventBytes);
      let at = 0;
      for (const slice of this.#slices) at = slice.moveTo(packed, at);
      this.#packed = packed;
    }
    return this.#packed !== undefined;
  }

  /**
   * The events from one revision to another, both inclusive, as they are served.
   * REQUIRES: it is packed, and has these revisions.
   */
  slice(first: number, last: number): Buffer {
    const packed = this.#packed as Buffer;
    if (first === this.firstRevision && last === this.lastRevision) return packed;
    const start = this.#with(first).slice(first, first).byteOffset;
    const tail = this.#with(last).slice(last, last);
    return packed.subarray(
      start - packed.byteOffset,
      tail.byteOffset + tail.length - packed.byteOffset,
    );
  }

  /** What filters look at, of one event. REQUIRES: it is in memory. */
  header(revision: number): EventHeader {
    return this.#with(revision).header(revision);
  }

  /** Keeps the events of a slice as well; false if they are here, or there is no room for them. */
  fill(slice: StreamSlice, block: Block): boolean {
    if (slice.isFilled || !slice.fill(block, EVENT_BYTES_MAX - this.#eventBytes)) return false;
    if (this.#slices.includes(slice)) this.#eventBytes += slice.length;
    return true;
  }

  /** Takes in what follows, and forgets the oldest if that is too much; no effect if it is here. */
  push(slice: StreamSlice): void {
    if (slice.lastRevision <= this.lastRevision) return;
    this.#packed = undefined;
    const slices = [...this.#slices, slice];
    this.#eventBytes += slice.length;
    let gone = 0;
    while (slices.length - gone > SLICES_MAX || this.#eventBytes > EVENT_BYTES_MAX) {
      this.#eventBytes -= (slices[gone++] as StreamSlice).length;
    }
    this.#slices = slices.slice(gone);
  }
  #with(revision: number): StreamSlice {
    const slice = this.#slices.find(({ lastRevision }) => lastRevision >= revision);
    if (!slice) throw new RangeError(`revision ${revision} is not in memory`);
    return slice;
  }
}
