import { Code, ConnectError } from "@connectrpc/connect";
import { Interruption } from "./interruption.js";
import { turn } from "./turn.js";

/** The reason of a signal that nobody looks at; making one for each call would cost more than it. */
const OVER = new ConnectError("the call is over", Code.Canceled);

/** A call in this process: what breaks it off, and when it is answered. */
export class LocalCall {
  readonly #caller: AbortSignal | undefined;
  readonly #over = new AbortController();
  readonly #interruption = new Interruption();
  readonly #deadline: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.#breakOff(ConnectError.from(this.#caller?.reason));

  constructor(caller: AbortSignal | undefined, timeoutMs: number | undefined) {
    this.#caller = caller;
    if (caller?.aborted) this.#onAbort();
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs !== undefined && timeoutMs > 0) {
      this.#deadline = setTimeout(() => this.#breakOff(tooLate()), timeoutMs);
    }
  }

  /** For the service. Aborts when the call is over, however it ended. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /**
   * What the service answers, in a turn of the event loop after the one in which
   * it did. Rejects if the call is broken off.
   */
  async answered<T>(answer: Promise<T>): Promise<T> {
    try {
      return await this.#interruption.during(answer);
    } finally {
      await turn();
    }
  }

  /** Frees what the call holds. */
  end(): void {
    clearTimeout(this.#deadline);
    this.#caller?.removeEventListener("abort", this.#onAbort);
    this.#over.abort(OVER);
  }

  #breakOff(reason: ConnectError): void {
    this.#interruption.interrupt(reason);
    this.end();
  }
}

function tooLate(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
