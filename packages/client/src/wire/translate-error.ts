import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyIs, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  ConditionFailureSchema,
  type Failure,
  type ConditionViolation as ProtoViolation,
} from "@varve/proto";
import { BadRequestSchema, type ErrorInfo, ErrorInfoSchema } from "@varve/proto/google/rpc";
import {
  ConditionFailedError,
  type ConditionViolation,
  InvalidRequestError,
  STATUS_CODES,
  type StatusCode,
  UnreachableError,
  VarveError,
  type VarveErrorInit,
} from "../errors.js";
import { decodeExpected } from "./conditions.js";

const DOMAIN = "varve.dev";

/** Codes that the transport, not the server, gives a call whose connection broke. */
const BROKEN_CONNECTION: ReadonlySet<Code> = new Set([
  Code.Canceled,
  Code.Aborted,
  Code.Internal,
  Code.ResourceExhausted,
]);

/** An error status, from a call's end or from a frame. */
interface Failed {
  readonly code: number;
  readonly message: string;
  readonly cause: unknown;
  detail<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> | undefined;
}

/** What a call threw, as the error that the SDK's caller gets. */
export function translateError(reason: unknown): VarveError {
  if (reason instanceof VarveError) return reason;
  const error = ConnectError.from(reason);
  // The way to the server has put it into words already.
  if (error.cause instanceof VarveError) return error.cause;
  if (isBrokenConnection(error)) return new UnreachableError(error.rawMessage, { cause: reason });
  return translate({
    code: error.code,
    message: error.rawMessage,
    cause: reason,
    detail: (schema) => error.findDetails(schema)[0],
  });
}

/** The failure of one append, sent in a frame, as the error that its caller gets. */
export function translateFailure(failure: Failure): VarveError {
  return translate({
    code: failure.code,
    message: failure.message,
    cause: undefined,
    detail: (schema) => findDetail(failure.details, schema),
  });
}

/** Whether the same call may succeed a little later. */
export function isRetryable(error: VarveError): boolean {
  return error.code === "UNAVAILABLE" || error.reason === "OVERLOADED";
}

/** Nobody at the other end said this: there was no status, only a connection that ended. */
function isBrokenConnection(error: ConnectError): boolean {
  const silent = !error.isWireError && error.details.length === 0;
  return silent && BROKEN_CONNECTION.has(error.code);
}

function translate(failed: Failed): VarveError {
  const info = failed.detail(ErrorInfoSchema);
  if (info?.domain !== DOMAIN) return withoutReason(failed);
  switch (info.reason) {
    case "CONDITION_FAILED":
      return conditionFailed(failed, info);
    case "INVALID_REQUEST":
      return invalidRequest(failed, info);
    default:
      return new VarveError(failed.message || info.reason, {
        ...initOf(failed, info),
        code: codeOf(failed),
      });
  }
}

function withoutReason(failed: Failed): VarveError {
  const code = codeOf(failed);
  const { message, cause } = failed;
  if (code === "UNAVAILABLE") return new UnreachableError(message || code, { cause });
  return new VarveError(message || code, { cause, code, reason: "UNKNOWN" });
}

function conditionFailed(failed: Failed, info: ErrorInfo): VarveError {
  const detail = failed.detail(ConditionFailureSchema);
  const violations = detail?.violations.flatMap(decodeViolation) ?? [];
  return new ConditionFailedError(violations, detail?.head ?? 0n, initOf(failed, info));
}

function invalidRequest(failed: Failed, info: ErrorInfo): VarveError {
  const violations = failed.detail(BadRequestSchema)?.fieldViolations ?? [];
  return new InvalidRequestError(
    violations.map(({ field, description }) => ({ field, description })),
    initOf(failed, info),
  );
}

/** None, rather than an error while an error is being told, if the server left out what it found. */
function decodeViolation({ condition, found }: ProtoViolation): ConditionViolation[] {
  if (found.case === "query") {
    const { position, type, stream } = found.value;
    return [{ kind: "query", condition, position, type, stream }];
  }
  if (found.value?.expected === undefined) return [];
  const { stream, actualRevision: actual } = found.value;
  const expected = decodeExpected(found.value.expected);
  return [{ kind: "stream", condition, stream, expected, actual }];
}

/** The first detail of a type, as `ConnectError.findDetails` would find it. */
function findDetail<Desc extends DescMessage>(
  details: readonly Any[],
  schema: Desc,
): MessageShape<Desc> | undefined {
  const any = details.find((detail) => anyIs(detail, schema));
  if (any === undefined) return undefined;
  try {
    return anyUnpack(any, schema);
  } catch {
    // The failure itself is worth more than a detail that cannot be read.
    return undefined;
  }
}

function initOf(failed: Failed, { reason, metadata }: ErrorInfo): Omit<VarveErrorInit, "code"> {
  return { reason, metadata, cause: failed.cause };
}

function codeOf({ code }: Failed): StatusCode {
  const name = STATUS_CODES[code];
  return name === undefined || name === "OK" ? "UNKNOWN" : name;
}
