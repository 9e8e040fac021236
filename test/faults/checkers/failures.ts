import type { FinalLog, History } from "../history.ts";
import { isExplained, type ReasonName } from "../reasons.ts";
import type { Violation } from "../scenario.ts";

/** Which promise a reason breaks if nothing explains it. */
const GUARANTEES: Partial<Record<ReasonName, Violation["guarantee"]>> = {
  // Every position that a client names was durable before.
  POSITION_AHEAD_OF_HEAD: "G1",
  WORKSPACE_NOT_FOUND: "G1",
  WORKSPACE_MISSING: "G1",
  APPEND_ID_REUSED: "G6",
  STORAGE_FULL: "G10",
  DATA_CORRUPT: "G11",
  OVERLOADED: "G12",
};

/** Calls fail only for reasons that the faults of the round explain; the rest is G13. */
export function checkFailures(history: History, _log: FinalLog): Violation[] {
  return failuresOf(history)
    .filter(({ reason }) => !isExplained(reason, history.expected))
    .map(({ reason, what }) => ({
      guarantee: GUARANTEES[reason] ?? "G13",
      message: `${what} failed with ${reason}, which no fault of this round explains`,
    }));
}

function failuresOf({
  appends,
  reads,
  subscriptions,
}: History): { readonly reason: ReasonName; readonly what: string }[] {
  return [
    ...appends.flatMap(({ outcome, append, client }) => {
      const what = `append ${append.appendId} by client ${client}`;
      return outcome.case === "refused" ? [{ reason: outcome.reason, what }] : [];
    }),
    ...reads.flatMap(({ outcome, stream, client }) => {
      const what = `a ${stream === undefined ? "replay" : `read of ${stream}`} by client ${client}`;
      return outcome.case === "failed" ? [{ reason: outcome.reason, what }] : [];
    }),
    ...subscriptions.flatMap(({ failure, after, client }) => {
      const what = `a subscription after ${after} by client ${client}`;
      return failure === undefined ? [] : [{ reason: failure, what }];
    }),
  ];
}
