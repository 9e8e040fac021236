import type { FinalLog, History } from "../history.ts";
import type { Violation } from "../scenario.ts";

/** Judges one guarantee: what of it does not hold in what the clients did and saw. */
export type Checker = (history: History, log: FinalLog) => Violation[];
