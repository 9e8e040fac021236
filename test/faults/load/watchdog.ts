/** Aborts when nothing has come for a time: a call over a dead connection never ends by itself. */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #isSilent = false;

  /** `also`: a signal that aborts as well. */
  constructor(silenceMs: number, also?: AbortSignal) {
    this.#timer = setTimeout(() => {
      this.#isSilent = true;
      this.#controller.abort(new Error("no answer"));
    }, silenceMs);
    also?.addEventListener("abort", () => this.#controller.abort(), {
      signal: this.#controller.signal,
    });
    if (also?.aborted) this.#controller.abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether that is why it aborted. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  feed(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
