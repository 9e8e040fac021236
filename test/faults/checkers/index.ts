import type { FinalLog, History } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { checkAcknowledged } from "./acknowledged.ts";
import { checkAtomic } from "./atomic.ts";
import type { Checker } from "./checker.ts";
import { checkConditions } from "./conditions.ts";
import { checkFailures } from "./failures.ts";
import { checkPositions } from "./positions.ts";
import { checkReads } from "./reads.ts";
import { checkRealTime } from "./real-time.ts";
import { checkRefusals } from "./refusals.ts";
import { checkRepeats } from "./repeats.ts";
import { checkRevisions } from "./revisions.ts";
import { checkSubscriptions } from "./subscriptions.ts";

const checkers: readonly Checker[] = [
  checkAcknowledged,
  checkAtomic,
  checkRevisions,
  checkPositions,
  checkRealTime,
  checkConditions,
  checkRefusals,
  checkRepeats,
  checkSubscriptions,
  checkReads,
  checkFailures,
];

/** Everything that does not hold in what the clients did and saw, and in the log at the end. */
export function checkAll(history: History, log: FinalLog): Violation[] {
  return checkers.flatMap((check) => check(history, log));
}
