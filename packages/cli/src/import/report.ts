import type { AppendResult } from "@varve/client";
import { countOf, formatCount } from "../output/format.js";

/** What an import has stored, counted as the server confirms it. */
export class ImportReport {
  events = 0;
  repeated = 0;
  lastPosition = 0n;
  readonly #streams = new Set<string>();

  /** Counts an event that is stored now, or was by an earlier run. */
  add(stream: string, { lastPosition, repeat }: AppendResult): void {
    this.events += 1;
    if (repeat) this.repeated += 1;
    if (lastPosition > this.lastPosition) this.lastPosition = lastPosition;
    this.#streams.add(stream);
  }

  toJSON(): Record<string, unknown> {
    return {
      events: this.events,
      streams: this.#streams.size,
      lastPosition: String(this.lastPosition),
      repeated: this.repeated,
    };
  }

  /** The report as a sentence. */
  toString(): string {
    if (this.events === 0) return "No event is stored.";
    const events = countOf(this.events, "event");
    const streams = countOf(this.#streams.size, "stream");
    const verb = this.events === 1 ? "is" : "are";
    const repeated =
      this.repeated === 0 ? "" : ` (${formatCount(this.repeated)} of them from before)`;
    return `${events} in ${streams} ${verb} stored${repeated}; the last position is ${this.lastPosition}.`;
  }
}
