import { type Condition, type StreamCondition, StreamState } from "@varve/proto";
import type { Limits } from "../limits.js";
import type { FieldChecks } from "./fields.js";
import { type EventFilter, everything, parseFilter } from "./filter.js";

/** What must hold for an append, checked and in the engine's terms. */
export type AppendCondition =
  | {
      readonly kind: "stream";
      readonly stream: string;
      readonly expected: ExpectedState;
      /** As it was sent, to be named in a failure. */
      readonly sent: StreamCondition;
    }
  | {
      readonly kind: "query";
      readonly filter: EventFilter;
      /** Exclusive. */
      readonly after: number;
    };

/** A last revision, or one of the two states. */
export type ExpectedState = number | "no-stream" | "exists";

const impossible: AppendCondition = { kind: "query", filter: everything, after: 0 };

/** Adds what is wrong to `checks`; the result is then of no use. */
export function parseCondition(
  checks: FieldChecks,
  path: string,
  { kind }: Condition,
  limits: Limits,
): AppendCondition {
  if (kind.case === "stream") return parseStream(checks, `${path}.stream`, kind.value, limits);
  if (kind.case === "query") {
    const { filter, after } = kind.value;
    if (!filter) checks.add(`${path}.query.filter`, "is required");
    return {
      kind: "query",
      filter: parseFilter(checks, `${path}.query.filter`, filter, limits),
      after: checks.optionalInteger(`${path}.query.after`, after, 0) ?? 0,
    };
  }
  checks.add(path, "must be a stream condition or a query condition");
  return impossible;
}

function parseStream(
  checks: FieldChecks,
  path: string,
  sent: StreamCondition,
  limits: Limits,
): AppendCondition {
  checks.name(`${path}.stream`, sent.stream, limits.streamNameBytesMax);
  const expected = parseExpected(checks, path, sent.expected);
  return { kind: "stream", stream: sent.stream, expected, sent };
}

function parseExpected(
  checks: FieldChecks,
  path: string,
  expected: StreamCondition["expected"],
): ExpectedState {
  if (expected.case === "revision") {
    return checks.integer(`${path}.revision`, expected.value, 0);
  }
  if (expected.value === StreamState.NO_STREAM) return "no-stream";
  if (expected.value === StreamState.EXISTS) return "exists";
  checks.add(path, "must expect NO_STREAM, EXISTS or a revision");
  return "exists";
}
