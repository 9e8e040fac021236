import type { AppendResponse, ConditionFailure } from "@varve/proto";
import type { AppendOutcome, FoundState } from "../history.ts";
import type { ReasonName } from "../reasons.ts";
import type { CallFailure } from "./failure.ts";

/** Reasons that leave open whether the append was stored. */
const UNKNOWN: ReadonlySet<ReasonName> = new Set<ReasonName>([
  "APPEND_OUTCOME_UNKNOWN",
  "CONNECTION_LOST",
  "SERVER_STOPPING",
]);

export function outcomeOf(response: AppendResponse): AppendOutcome {
  const { firstPosition, lastPosition, streams, repeat } = response;
  return {
    case: "stored",
    firstPosition: Number(firstPosition),
    lastPosition: Number(lastPosition),
    firstRevisions: Object.fromEntries(
      streams.map(({ stream, firstRevision }) => [stream, Number(firstRevision)]),
    ),
    repeat,
  };
}

export function outcomeOfFailure({ reason, message, conditions }: CallFailure): AppendOutcome {
  if (UNKNOWN.has(reason)) return { case: "unknown", why: message };
  const found = conditions ? foundIn(conditions) : [];
  return { case: "refused", reason, found, head: conditions && Number(conditions.head) };
}

function foundIn({ violations }: ConditionFailure): FoundState[] {
  return violations.flatMap(({ condition, found }): FoundState[] => {
    if (found.case === "query") {
      return [{ condition, case: "query", position: Number(found.value.position) }];
    }
    if (found.case !== "stream") return [];
    const { actualRevision } = found.value;
    const lastRevision = actualRevision === undefined ? undefined : Number(actualRevision);
    return [{ condition, case: "stream", lastRevision }];
  });
}
