import type { Scenario } from "../scenario.ts";
import { corruption } from "./corruption.ts";
import { diskFull } from "./disk-full.ts";
import { kill } from "./kill.ts";

/** All kinds of faults, in the order in which they are run. */
export const scenarios: readonly Scenario[] = [kill, diskFull, corruption];
