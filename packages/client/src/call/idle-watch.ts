/**
 * Tells when a call has not been used for a while. It needs one timer for the
 * call, not one for each use; and only while the call is busy does that timer
 * keep the process alive.
 */
export class IdleWatch {
  readonly #timeoutMs: number;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;
  #used = false;
  #busy = false;

  constructor(timeoutMs: number, onIdle: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onIdle = onIdle;
  }

  /** The call opens, and is busy. */
  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#tick(), this.#timeoutMs);
    this.busy();
  }

  /** The call has something to do. */
  busy(): void {
    this.#used = true;
    if (this.#busy) return;
    this.#busy = true;
    this.#timer?.ref();
  }

  /** The call has nothing to do. */
  idle(): void {
    this.#busy = false;
    this.#timer?.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#busy = false;
  }

  #tick(): void {
    if (this.#busy) return;
    if (this.#used) {
      this.#used = false;
      return;
    }
    this.stop();
    this.#onIdle();
  }
}
