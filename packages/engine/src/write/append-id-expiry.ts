import type { Write } from "../log/database.js";
import type { AppendIds } from "./append-ids.js";

const INTERVAL_MS = 60_000;
const ENTRIES_MAX = 1000;

/** Forgets append ids after a time. One pass at a time, now and then. */
export class AppendIdExpiry {
  #dueMs = 0;

  /** `write` makes writes durable; `retentionMs`: how long ids are remembered. */
  constructor(
    private readonly ids: AppendIds,
    private readonly write: (writes: readonly Write[]) => Promise<void>,
    private readonly retentionMs: number,
  ) {}

  /** Begins a pass, if one is due. */
  maybeRun(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    // Two passes would delete the same ids, and the later one of them also those that
    // have been used again since the first one deleted them.
    this.#dueMs = Number.POSITIVE_INFINITY;
    void this.#expireBefore(nowMs - this.retentionMs)
      // A failed write is latched where it is made; a failed read is tried again next time.
      .catch(() => undefined)
      .then(() => {
        this.#dueMs = nowMs + INTERVAL_MS;
      });
  }

  async #expireBefore(timeMs: number): Promise<void> {
    for (;;) {
      const writes = await this.ids.expiredBefore(timeMs, ENTRIES_MAX);
      if (writes.length === 0) return;
      await this.write(writes);
    }
  }
}
