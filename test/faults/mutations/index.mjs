import { diskFull } from "./disk-full.mjs";
import { kill } from "./kill.mjs";

/** All mutations, by the scenario that must notice them. */
export const mutations = [...kill, ...diskFull];
