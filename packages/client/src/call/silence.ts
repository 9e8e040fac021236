import { Code, ConnectError } from "@connectrpc/connect";

/**
 * Takes a connection as dead if nothing is heard for too long. Only time spent
 * waiting counts: a slow consumer hears nothing because it does not listen.
 */
export class Silence {
  readonly #limitMs: number;
  readonly #call: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.#controller.abort();

  constructor(limitMs: number, call: AbortSignal) {
    this.#limitMs = limitMs;
    this.#call = call;
    if (call.aborted) this.#controller.abort();
    else call.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** For the transport. Fires with the call's, after too long a silence, and at the end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for something to be heard. */
  async during<T>(heard: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#controller.abort(this.#dead()), this.#limitMs);
    try {
      return await heard;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.#call.removeEventListener("abort", this.#onAbort);
    this.#controller.abort();
  }

  #dead(): ConnectError {
    return new ConnectError(`nothing was heard for ${this.#limitMs} ms`, Code.Unavailable);
  }
}
