/**
 * A bound on waiting, again and again: one timer, which is set anew each time. While
 * nobody waits it does nothing, and does not keep the process alive.
 */
export class Deadline {
  readonly #timeoutMs: number;
  readonly #onPassed: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waiting = false;

  constructor(timeoutMs: number, onPassed: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onPassed = onPassed;
  }

  /** Somebody waits, from now on. */
  start(): void {
    this.#waiting = true;
    if (this.#timer === undefined) this.#timer = setTimeout(this.#onTimer, this.#timeoutMs);
    else this.#timer.refresh().ref();
  }

  /** What was waited for is there. */
  stop(): void {
    this.#waiting = false;
    this.#timer?.unref();
  }

  /** Nobody will wait any more. */
  end(): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
  }

  readonly #onTimer = (): void => {
    if (this.#waiting) this.#onPassed();
  };
}
