import type { FinalLog, History } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { conditionText, contains, whereHolds } from "./heads.ts";
import { nameOf, placesById, type SentAppend, sentAppends } from "./sent-appends.ts";
import { StoredLog } from "./stored-log.ts";

/** G5: every condition of what is stored holds where it is stored: right before its first event. */
export function checkConditions(history: History, log: FinalLog): Violation[] {
  const appends = sentAppends(history);
  const stored = new StoredLog(log, appends);
  const places = placesById(log);
  return appends.flatMap((sent) => {
    const first = places.get(sent.events[0]?.id ?? "")?.[0];
    return first === undefined ? [] : check(sent, first, stored);
  });
}

function check(sent: SentAppend, first: number, log: StoredLog): Violation[] {
  const { conditions = [] } = sent.append;
  return conditions
    .filter((condition) => !contains(whereHolds(log, condition), first - 1))
    .map((condition) => ({
      guarantee: "G5" as const,
      message: `${nameOf(sent)} is stored at ${first}, where its condition does not hold: ${conditionText(condition)}`,
    }));
}
