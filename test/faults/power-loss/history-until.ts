import type { AppendOperation, History } from "../history.ts";

/**
 * What clients that append and read had sent and seen by a moment (ms of
 * `performance.now()`). What was on its way then had no outcome yet.
 */
export function historyUntil(history: History, momentMs: number): History {
  const { appends, reads } = history;
  return {
    ...history,
    appends: appends.filter((one) => one.startedMs < momentMs).map((one) => asOf(one, momentMs)),
    reads: reads.filter((one) => one.endedMs <= momentMs),
    // Of these the times of the events are not known.
    subscriptions: [],
  };
}

function asOf(operation: AppendOperation, momentMs: number): AppendOperation {
  if (operation.endedMs <= momentMs) return operation;
  return { ...operation, outcome: { case: "unknown", why: "it was still under way" } };
}
