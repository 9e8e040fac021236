/** Tells waiting readers that the head has moved, or that the log is closed. */
export class HeadSignal {
  readonly #waiters = new Set<(outcome: HeadMove) => void>();
  #closed = false;

  /** Wakes everyone who waits. */
  moved(): void {
    this.#wake("moved");
  }

  /** Wakes everyone, now and from now on, with "closed". */
  close(): void {
    this.#closed = true;
    this.#wake("closed");
  }

  /** Resolves at the next of: the head moves, the log closes, the time is over, an abort. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<HeadMove> {
    if (this.#closed) return Promise.resolve("closed");
    if (signal.aborted) return Promise.resolve("aborted");
    return new Promise((resolve) => {
      const settle = (outcome: HeadMove): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        this.#waiters.delete(settle);
        resolve(outcome);
      };
      const onAbort = (): void => settle("aborted");
      const timer = setTimeout(settle, timeoutMs, "timeout");
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(settle);
    });
  }

  #wake(outcome: HeadMove): void {
    for (const settle of [...this.#waiters]) settle(outcome);
  }
}

export type HeadMove = "moved" | "closed" | "timeout" | "aborted";
