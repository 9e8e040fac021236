import type { StoreError } from "../errors.js";

export type HeadMove = "moved" | "closed" | "timeout" | "aborted";

/**
 * The head of a workspace, for those who wait for it to move. It belongs to the name of the
 * workspace: waiting goes on while the database is closed, opened, or not there yet.
 */
export class HeadSignal {
  readonly #waiters = new Set<(outcome: HeadMove) => void>();
  #head: number | undefined;
  #closedBecause: StoreError | undefined;

  /** The last durable position; `undefined` if it has to be looked up. */
  get head(): number | undefined {
    return this.#head;
  }

  /** Why there is nothing more to wait for, if so. */
  get closedBecause(): StoreError | undefined {
    return this.#closedBecause;
  }

  /** Says where the head is, and wakes everyone who waits. */
  moved(head: number): void {
    this.#head = head;
    this.#wake("moved");
  }

  /** Says that it has to be looked up, and wakes everyone who waits. */
  unknown(): void {
    this.#head = undefined;
    this.#wake("moved");
  }

  /** Wakes everyone, now and from now on, with "closed". */
  close(because: StoreError): void {
    this.#closedBecause ??= because;
    this.#wake("closed");
  }

  /** Resolves at the next of: the head moves, it is closed, the time is over, an abort. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<HeadMove> {
    if (this.#closedBecause) return Promise.resolve("closed");
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
