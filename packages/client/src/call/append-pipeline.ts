import { type Client, Code, ConnectError } from "@connectrpc/connect";
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
import { type CallTerms, closedError } from "./call.js";
import { FrameSource } from "./frame-source.js";
import { IdleWatch } from "./idle-watch.js";
import { PendingAppend } from "./pending-append.js";
import { backoffMs } from "./retry.js";
import { WaitWatch } from "./wait-watch.js";

/** Failures of a whole call that are about the caller, not about one append in it. */
const ABOUT_THE_CALLER: ReadonlySet<string> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "UNIMPLEMENTED",
]);

/** An append of more bytes is sent again alone if its call broke. */
const LARGE_BYTES = 2 ** 20;

/** What a pipeline is given besides the way to the server. */
export interface PipelinePolicy {
  readonly retry: RetryPolicy;
  readonly limits: PipelineLimits;
  /** How long an append that has no timeout of its own waits for an answer, ms. */
  readonly timeoutMs: number;
}

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
  readonly #waits: WaitWatch;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  #correlation = 0n;
  /** The input of the call that is open, if one is. */
  #source: FrameSource | undefined;
  /** Cuts that call off. */
  #cut: AbortController | undefined;
  /** Runs while nothing may be sent, after a failure that passes. */
  #pause: NodeJS.Timeout | undefined;
  /** Failures that pass, in a row; a success ends the row. */
  #failures = 0;

  constructor(rpc: Client<typeof EventStoreService>, { retry, limits, timeoutMs }: PipelinePolicy) {
    this.#rpc = rpc;
    this.#retry = retry;
    this.#timeoutMs = timeoutMs;
    this.#window = new AppendWindow(limits);
    this.#idle = new IdleWatch(limits.idleTimeoutMs, () => this.#hangUp());
    this.#waits = new WaitWatch(this.#window, timeoutMs, (overdue, silent) =>
      this.#giveUpWaiting(overdue, silent),
    );
  }

  /**
   * Resolves when the events are durable. Rejects with a `VarveError`, or with the
   * signal's reason. After that, and after a `TimeoutError`, whether the append will be
   * stored is not known.
   */
  append(request: AppendRequest, sizeBytes: number, terms: CallTerms): Promise<AppendResponse> {
    const append = new PendingAppend(this.#correlation++, request, sizeBytes, terms);
    if (this.#closing.signal.aborted) append.reject(closedError());
    if (!append.settled) {
      this.#window.push(append);
      this.#waits.busy();
      this.#wake();
    }
    return append.outcome;
  }

  /** Rejects all appends and ends the call. */
  close(): void {
    clearTimeout(this.#pause);
    this.#idle.stop();
    this.#waits.stop();
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
    const cut = new AbortController();
    this.#source = source;
    this.#cut = cut;
    this.#idle.start();
    let answered = false;
    try {
      const signal = AbortSignal.any([this.#closing.signal, cut.signal]);
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
    this.#waits.heard();
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
    else append.failed(failure);
    return final;
  }

  /** The call has ended, and whatever it had not answered is unanswered. */
  #broke(source: FrameSource, failure: VarveError, answered: boolean): void {
    if (this.#source !== source) return;
    this.#source = undefined;
    this.#idle.stop();
    const sent = this.#window.drainInFlight();
    if (isRetryable(failure)) {
      // If it was one that did it, such as one that is too large for something on the way,
      // it does not take others with it again.
      for (const append of sent) append.alone ||= append.sizeBytes > LARGE_BYTES;
      // A call that never stood has failed those too that wait behind it; unless it had one
      // alone, whose fault it may be.
      const isTheirs = answered || sent.some(({ alone }) => alone);
      const failed = isTheirs ? sent : [...sent, ...this.#window.drainWaiting()];
      this.#sendAgain(failed.filter((append) => !this.#gaveUp(append, failure)));
    } else {
      this.#refused(sent, failure);
    }
    this.#wake();
    this.#watchIdle();
  }

  /**
   * The server refused the whole call. If that may be the fault of one append,
   * each is sent again on its own, so that the others do not suffer for it.
   */
  #refused(sent: readonly PendingAppend[], failure: VarveError): void {
    if (sent.length > 1 && !isAboutTheCaller(failure)) {
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
    if (this.#window.empty) {
      this.#idle.idle();
      this.#waits.idle();
    } else {
      this.#idle.busy();
      this.#waits.busy();
    }
  }

  /** Their callers wait no longer. A call on which nothing is heard is replaced. */
  #giveUpWaiting(overdue: readonly PendingAppend[], silent: boolean): void {
    for (const append of overdue) append.timeOut(this.#timeoutMs);
    const heard = `nothing was heard for ${this.#timeoutMs} ms`;
    if (silent) this.#cut?.abort(new ConnectError(heard, Code.Unavailable));
    this.#watchIdle();
  }
}

function isAboutTheCaller({ code, reason }: VarveError): boolean {
  return ABOUT_THE_CALLER.has(code) || reason === "WRONG_PEER";
}

function noOutcome(): VarveError {
  return new VarveError("The server's answer is not valid: an outcome is missing", {
    code: "INTERNAL",
    reason: "UNKNOWN",
  });
}
