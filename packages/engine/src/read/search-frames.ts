import type { Selection } from "../index/select.js";
import { EventFrame } from "./frame.js";

/** A frame of a search: encoded events, or only how far it has come. */
export type SearchFrame =
  | {
      readonly kind: "events";
      readonly upTo: number;
      readonly bytes: Buffer;
      /** The last frame: the limit is reached, and more may match. */
      readonly limited: boolean;
    }
  | { readonly kind: "progress"; readonly upTo: number };

export interface SearchFramesOptions {
  /** Number of the field of type `EventBatch` in the response. */
  readonly eventsField: number;
  /** At most this many events. Default: all. */
  readonly limit?: number | undefined;
}

/** Positions without a match after which progress is reported. */
const PROGRESS_POSITIONS = 4096;
/** Events that were found wait no longer than this for a fuller frame, ms. */
const FRAME_AGE_MS_MAX = 100;

/**
 * Packs a search into frames. The last frame is a full or partial one of events;
 * progress beyond it is for the caller to report.
 */
export async function* searchFrames(
  selections: AsyncIterable<Selection>,
  { eventsField, limit = Number.POSITIVE_INFINITY }: SearchFramesOptions,
): AsyncGenerator<SearchFrame> {
  const frame = new EventFrame(eventsField);
  let remaining = limit;
  let reported: number | undefined;
  let upTo = 0;
  let sentAtMs = performance.now();
  for await (const selection of selections) {
    remaining -= frame.add(selection, remaining);
    upTo = selection.upTo;
    reported ??= upTo;
    const isOld = !frame.isEmpty && performance.now() - sentAtMs > FRAME_AGE_MS_MAX;
    if (frame.isFull || isOld) yield events(frame, upTo, remaining);
    else if (frame.isEmpty && Math.abs(upTo - reported) >= PROGRESS_POSITIONS) {
      yield { kind: "progress", upTo };
    } else if (remaining > 0) continue;
    if (remaining <= 0) break;
    reported = upTo;
    sentAtMs = performance.now();
  }
  if (!frame.isEmpty) yield events(frame, upTo, remaining);
}

function events(frame: EventFrame, upTo: number, remaining: number): SearchFrame {
  return { kind: "events", upTo, bytes: frame.take(), limited: remaining <= 0 };
}
