import { runCorruptionRound } from "../corruption/round.ts";
import type { Scenario } from "../scenario.ts";

/** Damages the files of a data folder and looks for what is served, and what is told of. */
export const corruption: Scenario = {
  name: "corruption",
  description:
    "flipped bits, overwritten sectors, files cut off, deleted, swapped and replaced by older " +
    "copies, of every type of file, each in a copy of a data folder made under load",
  rounds: 3,
  run: runCorruptionRound,
};
