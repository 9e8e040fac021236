import { create } from "@bufbuild/protobuf";
import {
  ConditionSchema,
  type Condition as ProtoCondition,
  QueryConditionSchema,
  type StreamCondition,
  StreamConditionSchema,
  StreamState,
} from "@varve/proto";
import type { Condition, ExpectedState, Filter } from "../types.js";
import { checkString, toInt64 } from "./checks.js";
import { encodeFilter } from "./filters.js";

/** A condition for the wire. Throws `TypeError` or `RangeError` if it is not one. */
export function encodeCondition(condition: Condition): ProtoCondition {
  return "noEventMatches" in condition
    ? encodeQueryCondition(condition)
    : encodeStreamCondition(condition.stream, condition.expect);
}

/** The condition that a stream is in the expected state. */
export function encodeStreamCondition(stream: string, expect: ExpectedState): ProtoCondition {
  const value = create(StreamConditionSchema, {
    stream: checkString(stream, "condition.stream"),
    expected: encodeExpected(expect),
  });
  return create(ConditionSchema, { kind: { case: "stream", value } });
}

/** What a stream condition expected, in the words of the SDK. */
export function decodeExpected(condition: StreamCondition): "no-stream" | "exists" | bigint {
  const { expected } = condition;
  if (expected.case === "revision") return expected.value;
  return expected.value === StreamState.NO_STREAM ? "no-stream" : "exists";
}

function encodeQueryCondition(condition: {
  readonly noEventMatches: Filter;
  readonly after?: bigint;
}): ProtoCondition {
  const value = create(QueryConditionSchema, { filter: encodeFilter(condition.noEventMatches) });
  if (condition.after !== undefined) value.after = toInt64(condition.after, "condition.after", 0n);
  return create(ConditionSchema, { kind: { case: "query", value } });
}

function encodeExpected(expect: ExpectedState): StreamCondition["expected"] {
  switch (expect) {
    case "no-stream":
      return { case: "state", value: StreamState.NO_STREAM };
    case "exists":
      return { case: "state", value: StreamState.EXISTS };
    default:
      return { case: "revision", value: toInt64(expect, "expected revision", 0n) };
  }
}
