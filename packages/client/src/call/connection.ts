import type { CallOptions, Client } from "@connectrpc/connect";
import type { EventStoreService } from "@varve/proto";
import type { RetryPolicy } from "../options.js";
import type { Calls, CallTerms } from "./call.js";
import { withRetry } from "./retry.js";

/** What every call of a client needs, whatever its workspace. */
export interface Connection extends CallPolicy {
  readonly rpc: Client<typeof EventStoreService>;
}

/** How calls of a client are made, whatever the service. */
export interface CallPolicy {
  readonly calls: Calls;
  readonly retry: RetryPolicy;
}

/** Makes a unary call, with retries. All of them may be repeated without harm. */
export async function callUnary<T>(
  { calls, retry }: CallPolicy,
  terms: CallTerms,
  attempt: (options: CallOptions) => Promise<T>,
): Promise<T> {
  const call = calls.begin(terms);
  try {
    return await withRetry(retry, call, () => attempt({ signal: call.signal }));
  } finally {
    call.end();
  }
}
