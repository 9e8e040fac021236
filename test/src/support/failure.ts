import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { type ConditionFailure, ConditionFailureSchema, type Failure } from "@varve/proto";
import { BadRequestSchema, ErrorInfoSchema } from "@varve/proto/google/rpc";
import { expect } from "vitest";

/** The canonical code of each reason, as `error.proto` documents it. */
const codes = {
  CONDITION_FAILED: 10,
  APPEND_ID_REUSED: 6,
  INVALID_REQUEST: 3,
  MALFORMED_REQUEST: 3,
  APPEND_TOO_LARGE: 8,
  WORKSPACE_NOT_FOUND: 5,
  POSITION_AHEAD_OF_HEAD: 11,
  SNAPSHOT_AHEAD_OF_STREAM: 9,
  OVERLOADED: 8,
  APPEND_OUTCOME_UNKNOWN: 14,
  STORAGE_UNAVAILABLE: 14,
  DATA_CORRUPT: 15,
  SERVER_STOPPING: 14,
  STORAGE_FULL: 8,
  LOG_MISMATCH: 9,
  SEARCH_TOO_BROAD: 8,
  WORKSPACE_MISSING: 15,
} as const;

export type Reason = keyof typeof codes;

/** How a call failed, however it was made. */
export interface Failed {
  readonly code: number;
  readonly message: string;
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of INVALID_REQUEST: the paths of the fields at fault. */
  readonly fields: readonly string[];
  /** Of CONDITION_FAILED. */
  readonly conditions: ConditionFailure | undefined;
}

/** Expects the call to fail as the contract says of this reason. */
export async function expectFailure(
  call: PromiseLike<unknown> | AsyncIterable<unknown>,
  reason: Reason,
): Promise<Failed> {
  return expectReason(await failureOf(call), reason);
}

/** Expects what every error must have, and the canonical code of its reason. */
export function expectReason(failed: Failed, reason: Reason): Failed {
  expect(failed).toMatchObject({ reason, code: codes[reason], domain: "varve.dev" });
  expect(failed.message).toMatch(/^\S+ .*\S$/);
  expect(failed.message).not.toMatch(/undefined|\[object|^\s*at /m);
  return failed;
}

/** How the call fails; a stream is read to its end. */
export async function failureOf(
  call: PromiseLike<unknown> | AsyncIterable<unknown>,
): Promise<Failed> {
  try {
    if (Symbol.asyncIterator in call) for await (const _ of call);
    else await call;
  } catch (error) {
    return fromConnect(error);
  }
  throw new Error("the call was expected to fail and succeeded");
}

/** What a client of Connect throws. */
export function fromConnect(thrown: unknown): Failed {
  if (!(thrown instanceof ConnectError)) throw thrown;
  const [info] = thrown.findDetails(ErrorInfoSchema);
  const [badRequest] = thrown.findDetails(BadRequestSchema);
  return {
    code: thrown.code,
    message: thrown.rawMessage,
    reason: info?.reason,
    domain: info?.domain,
    metadata: info?.metadata ?? {},
    fields: badRequest?.fieldViolations.map((violation) => violation.field) ?? [],
    conditions: thrown.findDetails(ConditionFailureSchema)[0],
  };
}

/** What a frame of `AppendStream` says, or the trailer of a call. */
export function fromFailure({
  code,
  message,
  details,
}: Pick<Failure, "code" | "message" | "details">): Failed {
  const info = find(details, (detail) => anyUnpack(detail, ErrorInfoSchema));
  const badRequest = find(details, (detail) => anyUnpack(detail, BadRequestSchema));
  return {
    code,
    message,
    reason: info?.reason,
    domain: info?.domain,
    metadata: info?.metadata ?? {},
    fields: badRequest?.fieldViolations.map((violation) => violation.field) ?? [],
    conditions: find(details, (detail) => anyUnpack(detail, ConditionFailureSchema)),
  };
}

function find<T>(details: readonly Any[], unpack: (detail: Any) => T | undefined): T | undefined {
  return details.map(unpack).find((message) => message !== undefined);
}
