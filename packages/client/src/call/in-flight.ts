import type { PendingAppend } from "./pending-append.js";

/** Appends that were sent on a call and not yet answered, in the order of sending. */
export class InFlight {
  readonly #appends = new Map<bigint, PendingAppend>();
  #sizeBytes = 0;
  #alone = false;

  get count(): number {
    return this.#appends.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether what is in flight must have the call to itself. */
  get alone(): boolean {
    return this.#alone;
  }

  appends(): Iterable<PendingAppend> {
    return this.#appends.values();
  }

  add(append: PendingAppend): void {
    this.#appends.set(append.correlation, append);
    this.#sizeBytes += append.sizeBytes;
    this.#alone = append.alone;
  }

  /** Removes an append that was answered; `undefined` if there is none of this number. */
  take(correlation: bigint): PendingAppend | undefined {
    const append = this.#appends.get(correlation);
    if (append === undefined) return undefined;
    this.#appends.delete(correlation);
    this.#sizeBytes -= append.sizeBytes;
    if (this.#appends.size === 0) this.#alone = false;
    return append;
  }

  /** Removes everything. Returns what somebody still waits for. */
  drain(): PendingAppend[] {
    const appends = [...this.#appends.values()].filter((append) => !append.settled);
    this.#appends.clear();
    this.#sizeBytes = 0;
    this.#alone = false;
    return appends;
  }
}
