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
