import { TimeoutError, VarveError } from "../errors.js";
import { translateError } from "../wire/translate-error.js";
import { Deadline } from "./deadline.js";

/** What the caller of a method may say about the call. */
export interface CallTerms {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Knows the running calls of a client, so that closing the client ends them. */
export class Calls {
  readonly #timeoutMs: number;
  readonly #running = new Set<Call>();
  #closed = false;

  /** `timeoutMs`: of calls that have no other. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** A new call. It must be ended, or the set grows. */
  begin({ signal, timeoutMs = this.#timeoutMs }: CallTerms = {}): Call {
    const call = new Call(signal, timeoutMs, () => this.#running.delete(call));
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
  readonly #timeoutMs: number;
  readonly #deadline: Deadline;
  readonly #onEnd: () => void;
  readonly #onAbort = (): void => this.#controller.abort();
  #closed = false;
  #ended = false;
  #timedOut = false;
  /** How a try failed, which says more than that the time is up. */
  #failure: VarveError | undefined;

  constructor(caller: AbortSignal | undefined, timeoutMs: number, onEnd: () => void) {
    this.#caller = caller;
    this.#timeoutMs = timeoutMs;
    this.#deadline = new Deadline(timeoutMs, () => this.#timeOut());
    this.#onEnd = onEnd;
    if (caller?.aborted === true) this.#controller.abort();
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** For the transport. Fires when the call is cancelled, and when it ends. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the caller aborted or ended the call, or the client was closed. */
  get cancelled(): boolean {
    return this.#closed || this.#ended || this.#caller?.aborted === true;
  }

  /** Throws what the caller is to be told if the call was cancelled, or has taken too long. */
  check(): void {
    if (this.cancelled || this.#timedOut) throw this.failure(undefined);
  }

  /** What the caller is told: why it was cancelled, if it was, or what went wrong. */
  failure(reason: unknown): unknown {
    if (this.#caller?.aborted === true) return this.#caller.reason;
    if (this.#closed) return closedError();
    if (this.#ended) return endedError();
    if (this.#timedOut) return this.#failure ?? new TimeoutError(this.#timeoutMs);
    return translateError(reason);
  }

  /** A try failed, and another one follows. If time runs out meanwhile, that is why. */
  failed(failure: VarveError): void {
    this.#failure = failure;
  }

  /** The caller waits for the server, from now on until `heard`; but no longer than it may. */
  waits(): void {
    this.#deadline.start();
  }

  /** The server has answered. */
  heard(): void {
    this.#failure = undefined;
    this.#deadline.stop();
  }

  /** Cancels the call, since the client is closed. */
  close(): void {
    this.#closed = true;
    this.#deadline.end();
    this.#controller.abort();
  }

  /** Frees what the call holds. A call that still runs is cancelled without an error. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deadline.end();
    this.#caller?.removeEventListener("abort", this.#onAbort);
    this.#controller.abort();
    this.#onEnd();
  }

  #timeOut(): void {
    this.#timedOut = true;
    this.#controller.abort();
  }
}

/** What calls of a closed client reject with. */
export function closedError(): VarveError {
  return new VarveError("The client is closed", { code: "CANCELLED", reason: "CANCELLED" });
}

/** What is told to those who wait for a call that was left, such as for its header. */
function endedError(): VarveError {
  return new VarveError("The call was ended by its caller", {
    code: "CANCELLED",
    reason: "CANCELLED",
  });
}
