import type { ErrorReason } from "@varve/proto";

/** The names of the gRPC status codes, in the order of their numbers; `OK` is 0. */
export const STATUS_CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** The canonical name of a gRPC status code that means failure. */
export type StatusCode = Exclude<(typeof STATUS_CODES)[number], "OK">;

/**
 * Why a call failed: a reason of the contract (`ErrorReason` in
 * `varve/v1/error.proto`, each with the next thing to do), or one of the SDK's
 * own: `UNREACHABLE`, `TIMEOUT`, `WRONG_PEER` (what listens at the address is no
 * Varve server), `CANCELLED` (the client was closed, or the call was left) and
 * `UNKNOWN` (the server gave no reason).
 */
export type Reason =
  | Exclude<keyof typeof ErrorReason, "UNSPECIFIED">
  | "UNREACHABLE"
  | "TIMEOUT"
  | "WRONG_PEER"
  | "CANCELLED"
  | "UNKNOWN"
  // Keeps the completion of the names above while it allows newer ones.
  | (string & {});

/** What a `VarveError` is made of, besides its message. */
export interface VarveErrorInit {
  readonly code: StatusCode;
  readonly reason: Reason;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The error of the layer below. */
  readonly cause?: unknown;
}

/** A call that the server refused, or that did not reach it. */
export class VarveError extends Error {
  override readonly name: string = "VarveError";
  readonly code: StatusCode;
  readonly reason: Reason;
  /** What belongs to the reason, for example `limit` and `maximum`. Empty if nothing does. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(message: string, init: VarveErrorInit) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.reason = init.reason;
    this.metadata = init.metadata ?? {};
  }
}

/** One condition that did not hold, and what was found instead. */
export type ConditionViolation =
  | {
      readonly kind: "stream";
      /** Its place in the append's conditions, from 0; `expect` comes before `conditions`. */
      readonly condition: number;
      readonly stream: string;
      readonly expected: "no-stream" | "exists" | bigint;
      /** The stream's last revision; `undefined` if it has no event. */
      readonly actual: bigint | undefined;
    }
  | {
      readonly kind: "query";
      /** Its place in the append's conditions, from 0; `expect` comes before `conditions`. */
      readonly condition: number;
      /** Position, type and stream of the first event that matched. */
      readonly position: bigint;
      readonly type: string;
      readonly stream: string;
    };

/**
 * The append's conditions did not hold, and nothing was stored (`ABORTED`,
 * `CONDITION_FAILED`). Read what changed, decide anew, and append again.
 */
export class ConditionFailedError extends VarveError {
  override readonly name: string = "ConditionFailedError";
  /** Every condition that did not hold, in the order of the append. */
  readonly violations: readonly ConditionViolation[];
  /** The last position that the decision took into account: a safe `after` for the next one. */
  readonly head: bigint;

  constructor(
    violations: readonly ConditionViolation[],
    head: bigint,
    init: Omit<VarveErrorInit, "code" | "reason">,
  ) {
    const found = violations.map(describeViolation).join("; ");
    super(`Nothing was appended: ${found}`, {
      ...init,
      code: "ABORTED",
      reason: "CONDITION_FAILED",
    });
    this.violations = violations;
    this.head = head;
  }
}

/** A field of a request that breaks a rule. */
export interface FieldViolation {
  /** Path of the field, for example `events[0].event.type`. */
  readonly field: string;
  /** The rule, in English. */
  readonly description: string;
}

/** The request breaks a rule (`INVALID_ARGUMENT`, `INVALID_REQUEST`). Correct it. */
export class InvalidRequestError extends VarveError {
  override readonly name: string = "InvalidRequestError";
  /** Every field at fault. */
  readonly fieldViolations: readonly FieldViolation[];

  constructor(
    fieldViolations: readonly FieldViolation[],
    init: Omit<VarveErrorInit, "code" | "reason">,
  ) {
    const faults = fieldViolations.map((v) => `${v.field}: ${v.description}`).join("; ");
    super(`Invalid request: ${faults}`, {
      ...init,
      code: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
    });
    this.fieldViolations = fieldViolations;
  }
}

/**
 * The server cannot be reached, or the connection broke, after all retries
 * (`UNAVAILABLE`, `UNREACHABLE`). Whether an append was stored is not known:
 * appending again with the same `appendId` stores it once.
 */
export class UnreachableError extends VarveError {
  override readonly name: string = "UnreachableError";

  constructor(detail: string, init: Omit<VarveErrorInit, "code" | "reason">) {
    super(`Cannot reach the event store: ${detail}`, {
      ...init,
      code: "UNAVAILABLE",
      reason: "UNREACHABLE",
    });
  }
}

/**
 * The server can be reached, as far as is known, but did not answer in the `timeoutMs` of
 * the call (`DEADLINE_EXCEEDED`, `TIMEOUT`). Whether an append was stored is not known:
 * appending again with the same `appendId`, which `metadata` has, stores it once.
 */
export class TimeoutError extends VarveError {
  override readonly name: string = "TimeoutError";
  readonly timeoutMs: number;

  /** `appendId`: of the append that was not answered. */
  constructor(timeoutMs: number, appendId?: string) {
    const next =
      appendId === undefined
        ? ""
        : `. Whether the append was stored is not known: append it again with the same appendId, ${appendId}, and it is stored once`;
    super(`The event store did not answer in ${timeoutMs} ms${next}`, {
      code: "DEADLINE_EXCEEDED",
      reason: "TIMEOUT",
      ...(appendId !== undefined && { metadata: { appendId } }),
    });
    this.timeoutMs = timeoutMs;
  }
}

function describeViolation(violation: ConditionViolation): string {
  if (violation.kind === "query") {
    const { type, stream, position } = violation;
    return `expected no event to match the query, but found "${type}" in stream "${stream}" at position ${position}`;
  }
  const { stream, expected, actual } = violation;
  const found = actual === undefined ? "it has no events" : `it is at revision ${actual}`;
  return `expected stream "${stream}" ${describeExpected(expected)}, but ${found}`;
}

function describeExpected(expected: "no-stream" | "exists" | bigint): string {
  if (expected === "no-stream") return "to have no events";
  if (expected === "exists") return "to have events";
  return `to be at revision ${expected}`;
}
