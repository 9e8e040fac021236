import { consumers } from "./consumers.mjs";
import { corruption } from "./corruption.mjs";
import { diskFull } from "./disk-full.mjs";
import { fuzz } from "./fuzz.mjs";
import { kill } from "./kill.mjs";
import { network } from "./network.mjs";
import { fsyncFailure, logTruncation, powerLoss } from "./power-loss.mjs";

/** All mutations, by the scenario that must notice them. */
export const mutations = [
  ...kill,
  ...powerLoss,
  ...logTruncation,
  ...fsyncFailure,
  ...diskFull,
  ...corruption,
  ...network,
  ...consumers,
  ...fuzz,
];
