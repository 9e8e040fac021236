import type { CallTerms } from "./call/call.js";
import type { CallOptions } from "./types.js";
import { checkInteger, checkSignal } from "./wire/checks.js";
import { checkMembers, membersOf } from "./wire/members.js";

/** The longest delay that a timer takes, ms: about 24.8 days. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const TIMEOUT_MS = 30_000;
const MIB = 2 ** 20;
/** Whatever its texts are made of, a frame stays below the 16 MiB that every server takes. */
const FRAME_BYTES_MAX = 4 * MIB;

/**
 * How calls are repeated while the server is unreachable (`UNAVAILABLE`) or
 * overloaded. The delay before try n + 1 is drawn evenly from 0 up to
 * `baseDelayMs` × 2^(n - 1), and at most `maxDelayMs`.
 */
export interface RetryOptions {
  /** Tries in all, the first included; 1 turns retries off. 1 or more; default 8. */
  readonly attempts?: number;
  /** Upper bound of the first delay, ms. 0 or more; default 100. */
  readonly baseDelayMs?: number;
  /** Upper bound of every delay, ms. 0 or more; default 2,000. */
  readonly maxDelayMs?: number;
}

/** How concurrent appends share one call to the server. */
export interface PipelineOptions {
  /** Appends sent and not yet answered; more wait for their turn. 1 or more; default 4,096. */
  readonly maxInFlightAppends?: number;
  /** Bytes sent and not yet answered; more wait for their turn. 1 or more; default 32 MiB. */
  readonly maxInFlightBytes?: number;
  /** Appends in one frame. 1 or more; default 1,000. */
  readonly maxFrameAppends?: number;
  /** Bytes in one frame; an append that is larger travels alone. 1 to 4 MiB; default 1 MiB. */
  readonly maxFrameBytes?: number;
  /**
   * The call is ended after this much time without an append, ms, give or take
   * as much again; the next append opens a new one. 1 or more; default 30,000.
   */
  readonly idleTimeoutMs?: number;
}

/** Options of every client, over whatever transport. */
export interface ClientOptions {
  /** The workspace that the client works in. Default: `default`. */
  readonly workspace?: string;
  /**
   * How long a call may take, retries included, ms: as `CallOptions.timeoutMs`, for calls
   * that have none of their own. 1 or more; default 30,000.
   */
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
  readonly pipeline?: PipelineOptions;
}

export type RetryPolicy = Required<RetryOptions>;
export type PipelineLimits = Required<PipelineOptions>;

const RETRY = membersOf<RetryOptions>({ attempts: true, baseDelayMs: true, maxDelayMs: true });
const PIPELINE = membersOf<PipelineOptions>({
  maxInFlightAppends: true,
  maxInFlightBytes: true,
  maxFrameAppends: true,
  maxFrameBytes: true,
  idleTimeoutMs: true,
});

/** What the options of every client may have. */
export const CLIENT_OPTIONS: Readonly<Record<keyof ClientOptions, true>> = {
  workspace: true,
  timeoutMs: true,
  retry: true,
  pipeline: true,
};

/**
 * Fills in the defaults. Throws `RangeError` for a value out of its range, `TypeError` for
 * an option that there is not.
 */
export function resolveRetry(options: RetryOptions = {}): RetryPolicy {
  checkMembers(options, RETRY, "retry");
  const { attempts = 8, baseDelayMs = 100, maxDelayMs = 2_000 } = options;
  return {
    attempts: checkInteger(attempts, "retry.attempts", 1),
    baseDelayMs: checkInteger(baseDelayMs, "retry.baseDelayMs", 0, TIMER_MS_MAX),
    maxDelayMs: checkInteger(maxDelayMs, "retry.maxDelayMs", 0, TIMER_MS_MAX),
  };
}

/** Fills in the defaults. Throws as `resolveRetry` does. */
export function resolvePipeline(options: PipelineOptions = {}): PipelineLimits {
  checkMembers(options, PIPELINE, "pipeline");
  const {
    maxInFlightAppends = 4_096,
    maxInFlightBytes = 32 * MIB,
    maxFrameAppends = 1_000,
    maxFrameBytes = MIB,
    idleTimeoutMs = 30_000,
  } = options;
  return {
    maxInFlightAppends: checkInteger(maxInFlightAppends, "pipeline.maxInFlightAppends", 1),
    maxInFlightBytes: checkInteger(maxInFlightBytes, "pipeline.maxInFlightBytes", 1),
    maxFrameAppends: checkInteger(maxFrameAppends, "pipeline.maxFrameAppends", 1),
    maxFrameBytes: checkInteger(maxFrameBytes, "pipeline.maxFrameBytes", 1, FRAME_BYTES_MAX),
    idleTimeoutMs: checkInteger(idleTimeoutMs, "pipeline.idleTimeoutMs", 1, TIMER_MS_MAX),
  };
}

/** Fills in the default. Throws `RangeError` for a value out of its range. */
export function resolveTimeout(timeoutMs: number = TIMEOUT_MS): number {
  return checkInteger(timeoutMs, "timeoutMs", 1, TIMER_MS_MAX);
}

/**
 * What the caller says about a call. Throws `RangeError` for a value out of its range, and
 * `TypeError` for a signal that is none.
 */
export function termsOf({ signal, timeoutMs }: CallOptions): CallTerms {
  if (signal !== undefined) checkSignal(signal, "options.signal");
  if (timeoutMs !== undefined) checkInteger(timeoutMs, "options.timeoutMs", 1, TIMER_MS_MAX);
  return { signal, timeoutMs };
}
