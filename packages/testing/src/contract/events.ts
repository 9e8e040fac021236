import type { NewEvent, RecordedEvent } from "@varve/client";

/** An event to append, of a type that does not matter. */
export function newEvent(event: Partial<NewEvent> = {}): NewEvent {
  return { type: "thing.Happened", ...event };
}

/** Events whose data is their number, from 0. */
export function newEvents(count: number, event: Partial<NewEvent> = {}): NewEvent[] {
  return range(0, count - 1).map((data) => newEvent({ data, ...event }));
}

/** From `first` to `last`, both inclusive, in either direction. */
export function range(first: number, last: number): number[] {
  const step = first <= last ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => first + i * step);
}

export function positions(events: readonly RecordedEvent[]): number[] {
  return events.map(({ position }) => Number(position));
}

export function revisions(events: readonly RecordedEvent[]): number[] {
  return events.map(({ revision }) => Number(revision));
}

export function dataOf(events: readonly RecordedEvent[]): unknown[] {
  return events.map(({ data }) => data);
}

/** The data of an event of which 600 are more than a block, and more than a frame, holds. */
export const LARGE_EVENT: Uint8Array = new Uint8Array(1024).fill(7);

/** So many bytes of text, in one character less. */
export function text(sizeBytes: number): string {
  return `é${"x".repeat(sizeBytes - 2)}`;
}
