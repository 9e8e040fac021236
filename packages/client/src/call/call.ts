import { VarveError } from "../errors.js";
import { translateError } from "../wire/translate-error.js";

/** Knows the running calls of a client, so that closing the client ends them. */
export class Calls {
  readonly #running = new Set<Call>();
  #closed = false;

  /** A new call. It must be ended, or the set grows. */
  begin(caller?: AbortSignal): Call {
    const call = new Call(caller, () => this.#running.delete(call));
    if (this.#closed) call.close();
    else this.#running.add(call);
    return call;
  }

  close(): void {
    this.#closed = true;
    for (const call of this.#running) call.close();
    this.#running.clear();
  }
}

/** One call of a method: whoever cancels it, and what its caller is told. */
export class Call {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #onEnd: () => void;
  readonly #onAbort = (): void => this.#controller.abort();
  #closed = false;

  constructor(caller: AbortSignal | undefined, onEnd: () => void) {
    this.#caller = caller;
    this.#onEnd = onEnd;
    if (caller?.aborted === true) this.#controller.abort();
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** For the transport. Fires when the call is cancelled, and when it ends. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the caller aborted, or the client was closed. */
  get cancelled(): boolean {
    return this.#closed || this.#caller?.aborted === true;
  }

  /** Throws what the caller is to be told if the call was cancelled. */
  check(): void {
    if (this.cancelled) throw this.failure(undefined);
  }

  /** What the caller is told: why it was cancelled, if it was, or what went wrong. */
  failure(reason: unknown): unknown {
    if (this.#caller?.aborted === true) return this.#caller.reason;
    return this.#closed ? closedError() : translateError(reason);
  }

  /** Cancels the call, since the client is closed. */
  close(): void {
    this.#closed = true;
    this.#controller.abort();
  }

  /** Frees what the call holds. A call that still runs is cancelled without an error. */
  end(): void {
    this.#caller?.removeEventListener("abort", this.#onAbort);
    this.#controller.abort();
    this.#onEnd();
  }
}

/** What calls of a closed client reject with. */
export function closedError(): VarveError {
  return new VarveError("The client is closed", { code: "CANCELLED", reason: "CANCELLED" });
}
