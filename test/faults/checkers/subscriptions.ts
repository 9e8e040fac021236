import type { FinalLog, History, SubscriptionOperation } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { matchesFilter, toClauses } from "./filter.ts";
import { sentAppends } from "./sent-appends.ts";
import { servedWrong } from "./served.ts";
import { indexAfter, StoredLog } from "./stored-log.ts";

/**
 * Heartbeats are asked for many times as often: a connection that stands has no excuse, ms.
 * Loads that cut the way to the server without a word wait for less.
 */
const SILENT_MS_MAX = 10_000;

/**
 * G8: a subscription delivers every match after its start, in order, without gaps, up to
 * where it says to be; nothing that is not in the log in the end, for that was delivered
 * before it was durable; and it gets to what is durable.
 */
export function checkSubscriptions(history: History, log: FinalLog): Violation[] {
  const stored = new StoredLog(log, sentAppends(history));
  return history.subscriptions.flatMap((subscription) => {
    const wrong = deliveredWrong(subscription, stored) ?? stuck(subscription);
    if (!wrong) return [];
    return [{ guarantee: "G8" as const, message: `${nameOf(subscription)}: ${wrong}` }];
  });
}

function deliveredWrong(
  { after, filter = [], events, completeUpTo }: SubscriptionOperation,
  log: StoredLog,
): string | undefined {
  const end = Math.max(completeUpTo, events.at(-1)?.position ?? 0);
  const early = events.find(({ position }) => position > log.head);
  if (early) {
    return `position ${early.position} was delivered, but the log ends at ${log.head}: it was not durable`;
  }
  if (end > log.head) return `it said to be at ${end}, but the log ends at ${log.head}`;
  const clauses = toClauses(filter);
  const expected = log.events
    .slice(indexAfter(log.events, after), indexAfter(log.events, end))
    .filter((event) => matchesFilter(clauses, event));
  const wrong = servedWrong(events, expected);
  return wrong && `${wrong} (complete up to ${completeUpTo})`;
}

function stuck({ awaited, completeUpTo, silentMs }: SubscriptionOperation): string | undefined {
  if (silentMs !== undefined && silentMs >= SILENT_MS_MAX) {
    return `it came to ${completeUpTo} and then sent nothing for ${silentMs} ms, not even a heartbeat`;
  }
  if (awaited === undefined || completeUpTo >= awaited) return undefined;
  return `it came to ${completeUpTo} and no further, though ${awaited} was durable and it had time`;
}

function nameOf({ client, after, filter }: SubscriptionOperation): string {
  const filtered = filter ? `, filter ${JSON.stringify(filter)}` : "";
  return `subscription after ${after} by client ${client}${filtered}`;
}
