import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  ConditionFailedError,
  type ConditionViolation,
  InvalidRequestError,
  VarveError,
} from "@varve/client";

/** The canonical code of each reason that a client can bring about, as the contract has it. */
const codes = {
  CONDITION_FAILED: "ABORTED",
  APPEND_ID_REUSED: "ALREADY_EXISTS",
  INVALID_REQUEST: "INVALID_ARGUMENT",
  APPEND_TOO_LARGE: "RESOURCE_EXHAUSTED",
  POSITION_AHEAD_OF_HEAD: "OUT_OF_RANGE",
  SNAPSHOT_AHEAD_OF_STREAM: "FAILED_PRECONDITION",
  SEARCH_TOO_BROAD: "RESOURCE_EXHAUSTED",
  CANCELLED: "CANCELLED",
} as const;

/** A call: its promise, or an answer that is read to its end. */
export type Call = PromiseLike<unknown> | AsyncIterable<unknown>;

/** The call fails for this reason, with the code that belongs to it and words for people. */
export async function rejects(call: Call, reason: keyof typeof codes): Promise<VarveError> {
  const error = await failureOf(call);
  if (!(error instanceof VarveError)) throw error;
  deepStrictEqual([error.reason, error.code], [reason, codes[reason]]);
  ok(error.message.length > 0, "the error has no message");
  return error;
}

/** The append fails for its conditions: these, by their place, and in this order. */
export async function violates(
  call: Call,
  ...violations: readonly ConditionViolation[]
): Promise<ConditionFailedError> {
  const error = await rejects(call, "CONDITION_FAILED");
  ok(error instanceof ConditionFailedError);
  deepStrictEqual(error.violations, violations);
  return error;
}

/** The request breaks a rule in these fields, and in no others. */
export async function invalid(call: Call, ...fields: readonly string[]): Promise<void> {
  const error = await rejects(call, "INVALID_REQUEST");
  ok(error instanceof InvalidRequestError);
  const faults = error.fieldViolations;
  deepStrictEqual([...new Set(faults.map(({ field }) => field))], fields);
  ok(faults.every(({ description }) => description.length > 0));
}

/** How the call fails. Throws if it does not. */
export async function failureOf(call: Call): Promise<unknown> {
  try {
    if (Symbol.asyncIterator in call) for await (const _ of call);
    else await call;
  } catch (error) {
    return error;
  }
  throw new Error("the call was expected to fail, and succeeded");
}

/** The iteration ends without an error, after this many elements. */
export async function endsAfter(count: number, elements: AsyncIterable<unknown>): Promise<void> {
  strictEqual((await all(elements)).length, count);
}

/** Everything that is iterated. */
export async function all<T>(elements: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const element of elements) found.push(element);
  return found;
}
