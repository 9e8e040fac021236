import type { Client } from "@connectrpc/connect";
import type {
  AppendRequest,
  AppendResponse,
  CorrelatedAppend,
  CorrelatedOutcome,
  EventStoreService,
} from "@varve/proto";
import { UnreachableError, VarveError } from "../errors.js";
import type { PipelineLimits, RetryPolicy } from "../options.js";
import { isRetryable, translateError, translateFailure } from "../wire/translate-error.js";
import { AppendWindow } from "./append-window.js";
import { closedError } from "./call.js";
import { FrameSource } from "./frame-source.js";
import { IdleWatch } from "./idle-watch.js";
import { PendingAppend } from "./pending-append.js";
import { backoffMs } from "./retry.js";

/** Failures of a whole call that are about the caller, not about one append in it. */
const ABOUT_THE_CALLER: ReadonlySet<string> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "UNIMPLEMENTED",
]);

/**
 * Sends the appends of a client, of all its workspaces, over one `AppendStream`
 * call, in the order in which they were issued. What is issued while a frame is
 * being written goes out together in the next one.
 *
 * An append that was sent but not answered, or that met a failure that passes,
 * is sent again with its append id, so it is stored once. Such an append may
 * come after others that were issued later.
 */
export class AppendPipeline {
  readonly #rpc: Client<typeof EventStoreService>;
  readonly #retry: RetryPolicy;
  readonly #window: AppendWindow;
  readonly #idle: IdleWatch;
  readonly #closing = new AbortController();
  #correlation = 0n;
  /** The input of the call that is open, if one is. */
  #source: FrameSource | undefined;
  /** Runs while nothing may be sent, after a failure that passes. */
  #pause: NodeJS.Timeout | undefined;
  /** Failures that pass, in a row; a success ends the row. */
  #failures = 0;

  constructor(rpc: Client<typeof EventStoreService>, retry: RetryPolicy, limits: PipelineLimits) {
    this.#rpc = rpc;
    this.#retry = retry;
    this.#window = new AppendWindow(limits);
    this.#idle = new IdleWatch(limits.idleTimeoutMs, () => this.#hangUp());
  }

  /**
   * Resolves when the events are durable. Rejects with a `VarveError`, or with
   * the signal's reason: then whether the append will be stored is not known.
   */
  append(
    request: AppendRequest,
    sizeBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<AppendResponse> {
    const append = new PendingAppend(this.#correlation++, request, sizeBytes, signal);
    if (this.#closing.signal.aborted) append.reject(closedError());
    if (!append.settled) {
      this.#window.push(append);
      this.#wake();
    }
    return append.outcome;
  }

  /** Rejects all appends and ends the call. */
  close(): void {
    clearTimeout(this.#pause);
    this.#idle.stop();
    this.#source = undefined;
    const pending = [...this.#window.drainInFlight(), ...this.#window.drainWaiting()];
    for (const append of pending) append.reject(closedError());
    this.#closing.abort();
  }

  #wake(): void {
    if (this.#pause !== undefined || !this.#window.waiting) return;
    if (this.#source === undefined) void this.#open();
    else this.#source.wake();
  }

  /** Runs one call to its end. */
  async #open(): Promise<void> {
    const source = new FrameSource(() => this.#takeFrame());
    this.#source = source;
    this.#idle.start();
    let answered = false;
    try {
      const signal = this.#closing.signal;
      for await (const { outcomes } of this.#rpc.appendStream(source, { signal })) {
        answered = true;
        if (this.#source === source) this.#receive(outcomes);
      }
      this.#broke(source, new UnreachableError("the server ended the call", {}), answered);
    } catch (reason) {
      this.#broke(source, translateError(reason), answered);
    }
  }

  #takeFrame(): CorrelatedAppend[] {
    const appends = this.#pause === undefined ? this.#window.takeFrame() : [];
    this.#watchIdle();
    return appends.map(({ message }) => message);
  }

  #receive(outcomes: readonly CorrelatedOutcome[]): void {
    const refused: PendingAppend[] = [];
    for (const outcome of outcomes) {
      const append = this.#window.answered(outcome.correlation);
      if (append !== undefined && !this.#conclude(append, outcome)) refused.push(append);
    }
    this.#sendAgain(refused);
    this.#wake();
    this.#watchIdle();
  }

  /** Settles an append; returns false if it is to be sent again. */
  #conclude(append: PendingAppend, { outcome }: CorrelatedOutcome): boolean {
    if (outcome.case === "success") {
      this.#failures = 0;
      append.resolve(outcome.value);
      return true;
    }
    const failure = outcome.case === undefined ? noOutcome() : translateFailure(outcome.value);
    return this.#gaveUp(append, failure);
  }

  /** Counts a failure. Rejects the append, and returns true, if it was one too many. */
  #gaveUp(append: PendingAppend, failure: VarveError): boolean {
    append.failures += 1;
    const final = !isRetryable(failure) || append.failures >= this.#retry.attempts;
    if (final) append.reject(failure);
    return final;
  }

  /** The call has ended, and whatever it had not answered is unanswered. */
  #broke(source: FrameSource, failure: VarveError, answered: boolean): void {
    if (this.#source !== source) return;
    this.#source = undefined;
    this.#idle.stop();
    const sent = this.#window.drainInFlight();
    if (isRetryable(failure)) {
      // A call that never stood has failed those too that wait behind it.
      const failed = answered ? sent : [...sent, ...this.#window.drainWaiting()];
      this.#sendAgain(failed.filter((append) => !this.#gaveUp(append, failure)));
    } else {
      this.#refused(sent, failure);
    }
    this.#wake();
  }

  /**
   * The server refused the whole call. If that may be the fault of one append,
   * each is sent again on its own, so that the others do not suffer for it.
   */
  #refused(sent: readonly PendingAppend[], failure: VarveError): void {
    if (sent.length > 1 && !ABOUT_THE_CALLER.has(failure.code)) {
      for (const append of sent) append.alone = true;
      this.#window.putBack(sent);
      return;
    }
    const failed = sent.length > 0 ? sent : this.#window.drainWaiting();
    for (const append of failed) append.reject(failure);
  }

  /** Returns appends to their place, and lets nothing out for a while. */
  #sendAgain(appends: readonly PendingAppend[]): void {
    if (appends.length === 0) return;
    this.#window.putBack(appends);
    this.#failures += 1;
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        this.#wake();
      },
      backoffMs(this.#retry, this.#failures),
    );
  }

  /** Ends a call that nobody has used for a while. */
  #hangUp(): void {
    const source = this.#source;
    this.#source = undefined;
    source?.finish();
  }

  #watchIdle(): void {
    if (this.#window.empty) this.#idle.idle();
    else this.#idle.busy();
  }
}

function noOutcome(): VarveError {
  return new VarveError("The server's answer is not valid: an outcome is missing", {
    code: "INTERNAL",
    reason: "UNKNOWN",
  });
}
