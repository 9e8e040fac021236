/** What the clock may be behind without a word: clocks are corrected by so much now and then, ms. */
const BEHIND_MS_MIN = 1000;

/**
 * Notices that the clock is behind the time of what has been recorded, because it had been
 * set forward and then back. Times never run backwards: until the clock has caught up,
 * events are recorded with the newest time that there is.
 */
export class ClockWatch {
  /** The newest time that the clock is behind; none if it is not. */
  #newestMs: number | undefined;

  /** `tell`: how far it is behind, ms; 0 once it has caught up. Each is told once. */
  constructor(private readonly tell: (behindMs: number) => void) {}

  /** The newest time recorded in a workspace, whenever the clock is looked at. ms since 1970. */
  compare(nowMs: number, recordedMs: number): void {
    const behindMs = recordedMs - nowMs;
    // The end of a damaged log has no known time.
    if (behindMs >= BEHIND_MS_MIN && recordedMs < Number.POSITIVE_INFINITY) {
      const isNews = this.#newestMs === undefined;
      this.#newestMs = Math.max(this.#newestMs ?? 0, recordedMs);
      if (isNews) this.tell(behindMs);
    } else if (this.#newestMs !== undefined && nowMs >= this.#newestMs) {
      this.#newestMs = undefined;
      this.tell(0);
    }
  }
}
