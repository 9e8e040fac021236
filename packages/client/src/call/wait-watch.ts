import type { AppendWindow } from "./append-window.js";
import type { PendingAppend } from "./pending-append.js";

/** Looks in the time that an append may wait. One that is overdue is found at most one look later. */
const LOOKS = 8;

/**
 * Finds appends that the server does not answer in time, with one timer for all of them:
 * to look at a clock for each would be felt. The time counts from when an append was sent
 * first. While it waits for its turn it counts from the server's latest answer to another:
 * whoever issues a million appends at once waits for the last one, but not for nothing.
 */
export class WaitWatch {
  readonly #window: AppendWindow;
  readonly #intervalMs: number;
  readonly #onOverdue: (overdue: readonly PendingAppend[], silent: boolean) => void;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  /** Looks since the server answered anything. */
  #silentLooks = 0;

  /** `onOverdue` is told, too, whether the server has answered nothing at all in that time. */
  constructor(
    window: AppendWindow,
    timeoutMs: number,
    onOverdue: (overdue: readonly PendingAppend[], silent: boolean) => void,
  ) {
    this.#window = window;
    this.#intervalMs = Math.ceil(timeoutMs / LOOKS);
    this.#onOverdue = onOverdue;
  }

  /** Appends wait. */
  busy(): void {
    if (this.#busy) return;
    this.#busy = true;
    if (this.#timer) this.#timer.ref();
    else this.#timer = setInterval(() => this.#look(), this.#intervalMs);
  }

  /** None does. The timer stays for a while, but does not keep the process alive. */
  idle(): void {
    this.#busy = false;
    this.#timer?.unref();
  }

  /** The server has answered something. */
  heard(): void {
    this.#silentLooks = 0;
  }

  stop(): void {
    this.#busy = false;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (!this.#busy) {
      this.stop();
      return;
    }
    const heard = this.#silentLooks === 0;
    this.#silentLooks += 1;
    const overdue: PendingAppend[] = [];
    // Those that their callers gave up are nobody's business any more.
    this.idle();
    for (const append of this.#window.pending()) {
      if (append.settled) continue;
      this.busy();
      append.looks = heard && !append.sent ? 0 : append.looks + 1;
      // The first look may have come at once.
      if (append.looks > LOOKS) overdue.push(append);
    }
    if (overdue.length > 0) this.#onOverdue(overdue, this.#silentLooks > LOOKS);
  }
}
