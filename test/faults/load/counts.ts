import type { AppendOperation, FinalLog, History } from "../history.ts";

/** What a history holds, in numbers for a report. */
export function countsOf(
  { appends, reads, subscriptions }: History,
  log: FinalLog,
): Record<string, number> {
  const count = (matches: (operation: AppendOperation) => boolean): number =>
    appends.filter(matches).length;
  return {
    "events stored": log.length,
    appends: appends.length,
    acknowledged: count(({ outcome }) => outcome.case === "stored"),
    repeats: count(({ outcome }) => outcome.case === "stored" && outcome.repeat),
    refused: count(({ outcome }) => outcome.case === "refused"),
    unknown: count(({ outcome }) => outcome.case === "unknown"),
    "unknown and stored": unknownAndStored(appends, log),
    reads: reads.length,
    "reads cut off": reads.filter(({ outcome }) => outcome.case === "failed").length,
    "events read": reads.reduce((sum, { outcome }) => sum + outcome.events.length, 0),
    subscriptions: subscriptions.length,
    "events delivered": subscriptions.reduce((sum, { events }) => sum + events.length, 0),
  };
}

function unknownAndStored(appends: readonly AppendOperation[], log: FinalLog): number {
  const stored = new Set(log.map(({ id }) => id));
  return appends.filter(
    ({ append, outcome }) =>
      outcome.case === "unknown" && stored.has(append.events[0]?.event?.id ?? ""),
  ).length;
}
