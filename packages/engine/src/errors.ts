import { create } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import {
  type ConditionFailure,
  ConditionFailureSchema,
  ErrorReason,
  type Failure,
  FailureSchema,
} from "@varve/proto";
import { BadRequestSchema, ErrorInfoSchema } from "@varve/proto/google/rpc";
import { MalformedMessageError } from "@varve/proto/wire";

/** Canonical gRPC status codes, by the reason that a call failed for. The only such map. */
const codes = {
  [ErrorReason.UNSPECIFIED]: 13,
  [ErrorReason.CONDITION_FAILED]: 10,
  [ErrorReason.APPEND_ID_REUSED]: 6,
  [ErrorReason.INVALID_REQUEST]: 3,
  [ErrorReason.MALFORMED_REQUEST]: 3,
  [ErrorReason.APPEND_TOO_LARGE]: 8,
  [ErrorReason.WORKSPACE_NOT_FOUND]: 5,
  [ErrorReason.POSITION_AHEAD_OF_HEAD]: 11,
  [ErrorReason.SNAPSHOT_AHEAD_OF_STREAM]: 9,
  [ErrorReason.OVERLOADED]: 8,
  [ErrorReason.APPEND_OUTCOME_UNKNOWN]: 14,
  [ErrorReason.STORAGE_UNAVAILABLE]: 14,
  [ErrorReason.DATA_CORRUPT]: 15,
  [ErrorReason.SERVER_STOPPING]: 14,
  [ErrorReason.INTERNAL]: 13,
  [ErrorReason.STORAGE_FULL]: 8,
  [ErrorReason.LOG_MISMATCH]: 9,
  [ErrorReason.SEARCH_TOO_BROAD]: 8,
  [ErrorReason.WORKSPACE_MISSING]: 15,
} as const satisfies Record<ErrorReason, number>;

/** The `domain` of every `google.rpc.ErrorInfo` that Varve sends. */
export const ERROR_DOMAIN = "varve.dev";

/** A typed detail. One that lists things can be asked for a shorter list. */
interface Detail {
  readonly count: number;
  /** With the first `count` things of its list. */
  pack(count: number): Any;
}

/** What the engine throws when it refuses or fails a call. Reasons: see `error.proto`. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";

  constructor(
    readonly reason: ErrorReason,
    message: string,
    readonly metadata: Readonly<Record<string, string>> = {},
    private readonly detail?: Detail,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The canonical gRPC status code. */
  get code(): number {
    return codes[this.reason];
  }

  /** The same error, with more metadata. */
  with(metadata: Readonly<Record<string, string>>): StoreError {
    const merged = { ...metadata, ...this.metadata };
    return new StoreError(this.reason, this.message, merged, this.detail, { cause: this });
  }

  /**
   * As it goes over the wire: same fields as `google.rpc.Status`. A detail that
   * lists things lists as many as fit into `detailBytesMax`, and at least one.
   */
  toFailure(detailBytesMax: number = Number.POSITIVE_INFINITY): Failure {
    const info = create(ErrorInfoSchema, {
      reason: ErrorReason[this.reason],
      domain: ERROR_DOMAIN,
      metadata: { ...this.metadata },
    });
    const details = [anyPack(ErrorInfoSchema, info)];
    if (this.detail) details.push(fitting(this.detail, detailBytesMax));
    return create(FailureSchema, { code: this.code, message: this.message, details });
  }
}

function fitting(detail: Detail, bytesMax: number): Any {
  for (let count = detail.count; ; count = Math.ceil(count / 2)) {
    const packed = detail.pack(count);
    if (packed.value.length <= bytesMax || count <= 1) return packed;
  }
}

/** Stored bytes are not what was written. */
export class DataCorruptError extends StoreError {
  override readonly name = "DataCorruptError";

  constructor(position: number, what: string) {
    super(
      ErrorReason.DATA_CORRUPT,
      `the log is damaged at the block that ends at position ${position}: ${what}`,
      { position: String(position) },
    );
  }
}

/** An entry beside the log, such as one of the index, is not what was written. */
export class DamagedEntryError extends StoreError {
  override readonly name = "DamagedEntryError";

  constructor(key: Buffer) {
    super(
      ErrorReason.DATA_CORRUPT,
      "an entry of the database is damaged: checksum does not match",
      { key: key.toString("hex") },
    );
  }
}

/** The index leaves out events of a stream: the entry that holds this revision is not there. */
export class MissingEntryError extends StoreError {
  override readonly name = "MissingEntryError";

  constructor(key: Buffer, revision: number) {
    super(
      ErrorReason.DATA_CORRUPT,
      `an entry of the database is missing: the one with revision ${revision} of a stream`,
      { key: key.toString("hex") },
    );
  }
}

/** One field of a request that breaks a rule. */
export interface FieldViolation {
  /** Path of the field, for example `events[3].event.type`. */
  readonly field: string;
  readonly description: string;
}

/** Violations that the message names; the detail has all. */
const NAMED_MAX = 3;

export function invalidRequest(violations: readonly FieldViolation[]): StoreError {
  const named = violations.slice(0, NAMED_MAX).map((v) => `${v.field}: ${v.description}`);
  const more = violations.length - named.length;
  const sentence = named.join("; ") + (more > 0 ? `; and ${more} more` : "");
  return new StoreError(
    ErrorReason.INVALID_REQUEST,
    sentence,
    {},
    {
      count: violations.length,
      pack: (count) => {
        const fieldViolations = violations.slice(0, count).map((v) => ({ ...v }));
        return anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations }));
      },
    },
  );
}

/** An error of reading a request: MALFORMED_REQUEST if its bytes are not protobuf, or as it is. */
export function asRequestError(cause: unknown): unknown {
  return cause instanceof MalformedMessageError ? malformedRequest(cause) : cause;
}

export function malformedRequest(cause: unknown): StoreError {
  return new StoreError(
    ErrorReason.MALFORMED_REQUEST,
    `the request is not valid protobuf: ${cause instanceof Error ? cause.message : cause}`,
    {},
    undefined,
    { cause },
  );
}

export function conditionFailed(failure: ConditionFailure): StoreError {
  const { violations } = failure;
  const message =
    violations.length === 1
      ? "a condition does not hold"
      : `${violations.length} conditions do not hold`;
  const pack = (count: number): Any =>
    anyPack(ConditionFailureSchema, { ...failure, violations: violations.slice(0, count) });
  return new StoreError(
    ErrorReason.CONDITION_FAILED,
    message,
    {},
    { count: violations.length, pack },
  );
}

export function positionAheadOfHead(position: number, head: number): StoreError {
  return new StoreError(
    ErrorReason.POSITION_AHEAD_OF_HEAD,
    `position ${position} is beyond the head, ${head}`,
    { position: String(position), head: String(head) },
  );
}

export function workspaceNotFound(workspace: string): StoreError {
  return new StoreError(
    ErrorReason.WORKSPACE_NOT_FOUND,
    `there is no workspace ${JSON.stringify(workspace)}`,
    { workspace },
  );
}

/** A workspace that exists has lost its data: what is gone is never passed off as empty. */
export function workspaceMissing(workspace: string): StoreError {
  return new StoreError(
    ErrorReason.WORKSPACE_MISSING,
    `the data of the workspace ${JSON.stringify(workspace)} is missing: mount its disk, or restore it from a backup`,
    { workspace },
  );
}

/** The setting that bounds how many workspaces are open at a time. */
const OPEN_WORKSPACES = "open-workspaces";

export function tooManyWorkspaces(maximum: number): StoreError {
  return new StoreError(
    ErrorReason.OVERLOADED,
    `all ${maximum} workspaces that may be open at a time are in use: try again later, or raise the server's setting --${OPEN_WORKSPACES}`,
    { limit: OPEN_WORKSPACES, maximum: String(maximum) },
  );
}

/** Its metadata has yet to say which condition it was, see `with`. */
export function searchTooBroad(lookUpsMax: number): StoreError {
  return new StoreError(
    ErrorReason.SEARCH_TOO_BROAD,
    `the append's conditions take more than ${lookUpsMax} look-ups: give "after", a rarer tag, or a stream`,
    { limit: "conditionLookUpsMax", maximum: String(lookUpsMax) },
  );
}

/** For nobody: who would be told is gone. */
export function callOver(): StoreError {
  return new StoreError(ErrorReason.UNSPECIFIED, "the call is over");
}

/** A backup was to follow on one of another log. */
export function logMismatch(position: number): StoreError {
  return new StoreError(
    ErrorReason.LOG_MISMATCH,
    `no block of the log ends at position ${position} with this chain value: the earlier backup is of another log`,
    { position: String(position) },
  );
}

/** Until the database has been opened anew, what it holds is not known. */
export function storageReopening(cause: unknown): StoreError {
  const message = isLackOfHandles(cause)
    ? `the log is being opened anew: ${NO_HANDLES}`
    : "the log is being opened anew after the disk refused a write";
  return new StoreError(ErrorReason.STORAGE_UNAVAILABLE, message, {}, undefined, { cause });
}

export function serverStopping(): StoreError {
  return new StoreError(ErrorReason.SERVER_STOPPING, "the server is shutting down");
}

/** Whatever was thrown, as a `StoreError`; what is not known is a defect. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const options = { cause: error };
  if (isLackOfHandles(error)) {
    return new StoreError(ErrorReason.STORAGE_UNAVAILABLE, NO_HANDLES, {}, undefined, options);
  }
  const failure = databaseFailure(error);
  if (failure && tellsOfDamage(failure)) {
    const message = "the database reports damage";
    return new StoreError(ErrorReason.DATA_CORRUPT, message, {}, undefined, options);
  }
  if (failure) {
    const message = "the database is being closed, or cannot be read";
    return new StoreError(ErrorReason.STORAGE_UNAVAILABLE, message, {}, undefined, options);
  }
  return new StoreError(ErrorReason.INTERNAL, "internal error", {}, undefined, options);
}

const NO_HANDLES =
  "the server cannot open a file, because it has too many open: raise its limit (ulimit -n), " +
  "or lower --connections-max or --open-workspaces";

/**
 * Whether something failed because the process, or the machine, may open no more files,
 * which passes: neither the disk nor the data have anything to do with it.
 */
export function isLackOfHandles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isIt =
    error.message.includes("Too many open files") || // As LevelDB passes it on.
    ("code" in error && (error.code === "EMFILE" || error.code === "ENFILE"));
  return isIt || isLackOfHandles(error.cause);
}

/** As the system says it, through LevelDB. */
const LACKS_OF_SPACE = ["No space left on device", "Disk quota exceeded"];

/** Whether something failed for lack of space on the disk, which passes. */
export function isLackOfSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isIt =
    LACKS_OF_SPACE.some((sentence) => error.message.includes(sentence)) ||
    ("code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT"));
  return isIt || isLackOfSpace(error.cause);
}

interface DatabaseFailure {
  readonly code: string;
  readonly message: string;
}

/** An error of `abstract-level`: the one given, or what caused it. */
function databaseFailure(error: unknown): DatabaseFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  // What `getSync` of LevelDB throws may be without a code.
  const isOne = code.startsWith("LEVEL_") || error.message.startsWith("IO error: ");
  const own = isOne ? { code, message: error.message } : undefined;
  return databaseFailure(error.cause) ?? own;
}

/** What LevelDB says of a table that is shorter than it was, or gone. */
const LOST_TABLE = /\.(?:ldb|sst): (?:Invalid argument|No such file or directory)/;

function tellsOfDamage({ code, message }: DatabaseFailure): boolean {
  return code === "LEVEL_CORRUPTION" || LOST_TABLE.test(message);
}
