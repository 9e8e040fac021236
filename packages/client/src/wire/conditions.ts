import { create } from "@bufbuild/protobuf";
import {
  ConditionSchema,
  type Condition as ProtoCondition,
  QueryConditionSchema,
  type StreamCondition,
  StreamConditionSchema,
  StreamState,
} from "@varve/proto";
import type { Condition, ExpectedState, QueryCondition, StreamStateCondition } from "../types.js";
import { checkString, describe, toInt64 } from "./checks.js";
import { encodeFilter } from "./filters.js";
import { checkMembers, membersOf } from "./members.js";

const STREAM_CONDITION = membersOf<StreamStateCondition>({ stream: true, expect: true });
const QUERY_CONDITION = membersOf<QueryCondition>({ noEventMatches: true, after: true });
/** Of a condition that says neither which stream it is about nor what must not match. */
const ANY_CONDITION: ReadonlySet<string> = new Set([...QUERY_CONDITION, ...STREAM_CONDITION]);

/**
 * A condition for the wire; `path` is where the caller gave it. Throws `TypeError` or
 * `RangeError` if it is not one.
 */
export function encodeCondition(condition: Condition, path: string): ProtoCondition {
  if (isQuery(condition)) {
    checkMembers(condition, QUERY_CONDITION, path);
    return encodeQueryCondition(condition, path);
  }
  checkMembers(condition, "stream" in Object(condition) ? STREAM_CONDITION : ANY_CONDITION, path);
  const stream = checkString(condition.stream, path, ".stream");
  return encodeStreamCondition(stream, condition.expect, `${path}.expect`);
}

/** The condition that a stream is in the expected state. */
export function encodeStreamCondition(
  stream: string,
  expect: ExpectedState,
  path: string,
): ProtoCondition {
  const value = create(StreamConditionSchema, { stream, expected: encodeExpected(expect, path) });
  return create(ConditionSchema, { kind: { case: "stream", value } });
}

/** The numbers, and the tags and lengths of the fields. */
const OVERHEAD_BYTES = 20;
const NAME_OVERHEAD_BYTES = 4;

/** About how many bytes a condition takes on the wire. */
export function sizeOfCondition({ kind }: ProtoCondition): number {
  if (kind.case === "stream") return OVERHEAD_BYTES + kind.value.stream.length;
  let size = OVERHEAD_BYTES;
  for (const { types, tags, source } of kind.value?.filter?.anyOf ?? []) {
    size += OVERHEAD_BYTES + (source.value?.length ?? 0);
    for (const name of types) size += NAME_OVERHEAD_BYTES + name.length;
    for (const name of tags) size += NAME_OVERHEAD_BYTES + name.length;
  }
  return size;
}

/** What a stream condition expected, in the words of the SDK. */
export function decodeExpected(condition: StreamCondition): "no-stream" | "exists" | bigint {
  const { expected } = condition;
  if (expected.case === "revision") return expected.value;
  return expected.value === StreamState.NO_STREAM ? "no-stream" : "exists";
}

function isQuery(condition: Condition): condition is QueryCondition {
  return typeof condition === "object" && condition !== null && "noEventMatches" in condition;
}

function encodeQueryCondition(
  { noEventMatches, after }: QueryCondition,
  path: string,
): ProtoCondition {
  const filter = encodeFilter(noEventMatches, `${path}.noEventMatches`);
  const value = create(QueryConditionSchema, { filter });
  if (after !== undefined) value.after = toInt64(after, `${path}.after`, 0n);
  return create(ConditionSchema, { kind: { case: "query", value } });
}

function encodeExpected(expect: ExpectedState, path: string): StreamCondition["expected"] {
  switch (expect) {
    case "no-stream":
      return { case: "state", value: StreamState.NO_STREAM };
    case "exists":
      return { case: "state", value: StreamState.EXISTS };
    default:
      if (isRevision(expect)) return { case: "revision", value: toInt64(expect, path, 0n) };
      throw new TypeError(
        `${path} must be "no-stream", "exists" or a revision, but is ${shown(expect)}${hintFor(expect)}`,
      );
  }
}

function isRevision(expect: unknown): expect is bigint | number {
  return typeof expect === "bigint" || typeof expect === "number";
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : describe(value);
}

/** A new stream has no last revision: to pass on `undefined` must not mean to check nothing. */
function hintFor(expect: unknown): string {
  return expect === undefined
    ? ': of a stream that may be new, pass on header.expect, or lastRevision ?? "no-stream"; to check nothing, leave it out'
    : "";
}
