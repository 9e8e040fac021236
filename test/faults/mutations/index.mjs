import { corruption } from "./corruption.mjs";
import { diskFull } from "./disk-full.mjs";
import { kill } from "./kill.mjs";
import { fsyncFailure, logTruncation, powerLoss } from "./power-loss.mjs";

/** All mutations, by the scenario that must notice them. */
export const mutations = [
  ...kill,
  ...powerLoss,
  ...logTruncation,
  ...fsyncFailure,
  ...diskFull,
  ...corruption,
];
