import type { Scenario } from "../scenario.ts";
import { consumers } from "./consumers.ts";
import { corruption } from "./corruption.ts";
import { diskFull } from "./disk-full.ts";
import { fsyncFailure } from "./fsync-failure.ts";
import { fuzz } from "./fuzz.ts";
import { kill } from "./kill.ts";
import { logTruncation } from "./log-truncation.ts";
import { network } from "./network.ts";
import { powerLoss } from "./power-loss.ts";

/** All kinds of faults, in the order in which they are run. */
export const scenarios: readonly Scenario[] = [
  kill,
  powerLoss,
  logTruncation,
  fsyncFailure,
  diskFull,
  corruption,
  network,
  consumers,
  fuzz,
];
