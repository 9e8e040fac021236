import { varintSize, writeVarint } from "../format/varint.js";
import type { FoundEvents, NumberedEvents } from "../index/select.js";
import { lendFrame } from "./frame-buffers.js";

/** Bytes of events after which a frame is full. */
export const FRAME_BYTES: number = 256 * 1024;

/** To copy a smaller frame once more costs less than a buffer of its own. */
const LARGE_BYTES_MIN = 16 * 1024;

/**
 * Collects encoded events for one frame of an answer. They are copied once, into
 * the frame, and never decoded.
 */
export class EventFrame {
  #slices: Buffer[] = [];
  #bytes = 0;

  /** `field`: number of the field of type `EventBatch` in the response. */
  constructor(private readonly field: number) {}

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get isFull(): boolean {
    return this.#bytes >= FRAME_BYTES;
  }

  /** Adds events, the first so many of them; returns how many. */
  add({ events, runs }: FoundEvents, eventsMax: number): number {
    let count = 0;
    for (const { first, last } of events ? runs : []) {
      const end = Math.min(last, first + eventsMax - count - 1);
      if (end < first) break;
      const slice = (events as NumberedEvents).slice(first, end);
      this.#slices.push(slice);
      this.#bytes += slice.length;
      count += end - first + 1;
    }
    return count;
  }

  /** The encoded response, and begins anew. */
  take(): Buffer {
    const size = 1 + varintSize(this.#bytes) + this.#bytes;
    const frame = size < LARGE_BYTES_MIN ? Buffer.allocUnsafe(size) : lendFrame(size);
    frame[0] = (this.field << 3) | 2;
    let at = writeVarint(frame, 1, this.#bytes);
    for (const slice of this.#slices) {
      frame.set(slice, at);
      at += slice.length;
    }
    this.#slices = [];
    this.#bytes = 0;
    return frame;
  }
}
