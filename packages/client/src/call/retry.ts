import { setTimeout as delay } from "node:timers/promises";
import { VarveError } from "../errors.js";
import type { RetryPolicy } from "../options.js";
import { isRetryable } from "../wire/translate-error.js";
import type { Call } from "./call.js";

/**
 * Tries until it succeeds, the failure is not one that passes, the tries are
 * used up, the call is cancelled, or its time is up.
 */
export async function withRetry<T>(
  policy: RetryPolicy,
  call: Call,
  attempt: () => Promise<T>,
): Promise<T> {
  call.waits();
  for (let failures = 1; ; failures++) {
    try {
      call.check();
      const answer = await attempt();
      call.heard();
      return answer;
    } catch (reason) {
      const failure = call.failure(reason);
      if (!canRetry(failure) || failures >= policy.attempts) throw failure;
      call.failed(failure);
      await pause(policy, failures, call);
    }
  }
}

/** Waits before the next try. Rejects as the call does if it is cancelled. */
export async function pause(policy: RetryPolicy, failures: number, call: Call): Promise<void> {
  try {
    await delay(backoffMs(policy, failures), undefined, { signal: call.signal });
  } catch (reason) {
    throw call.failure(reason);
  }
}

/** Full jitter: anything up to the bound, so that clients that failed together spread out. */
export function backoffMs(policy: RetryPolicy, failures: number): number {
  const boundMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
  return Math.random() * boundMs;
}

/** Whether a failure is worth another try. An abort of the caller never is. */
export function canRetry(failure: unknown): failure is VarveError {
  return failure instanceof VarveError && isRetryable(failure);
}
