import type { FinalLog, History } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { Observations } from "./observations.ts";
import { nameOf, placesById, sentAppends } from "./sent-appends.ts";

/** G5: an append has its place after everything that any operation had seen before it began. */
export function checkRealTime(history: History, log: FinalLog): Violation[] {
  const observations = new Observations(history, log);
  const places = placesById(log);
  return sentAppends(history).flatMap((sent) => {
    const first = places.get(sent.events[0]?.id ?? "")?.[0];
    const before = observations.before(sent.startedMs);
    if (first === undefined || first > before.head) return [];
    const message = `${nameOf(sent)} is at position ${first}, but before it began ${before.by} had seen the log up to ${before.head}`;
    return [{ guarantee: "G5", message }];
  });
}
