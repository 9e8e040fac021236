import type { Saturation } from "../../comparison/result.ts";
import { readable } from "../../report/number.ts";
import type { PeerRow } from "./peers-report.ts";

/** For example `≥ 5 met`. */
export function goalCell({ goal, goalIs, met }: PeerRow): string {
  if (goal === undefined) return "";
  return `${goalIs === "at least" ? "≥" : "≤"} ${readable(goal)} ${met ? "met" : "NOT MET"}`;
}

/** Who is ahead, by name. */
export function winnerCell({ winner }: PeerRow, name: string): string {
  if (winner === "neither") return "neither for certain";
  return winner === "varve" ? "Varve" : name;
}

/** Whose core was full; with `(!)` that of a client, whose server might do more. */
export function limitCell({ saturated, baselineSaturated }: PeerRow, name: string): string {
  const [own, others] = [textOf(saturated), textOf(baselineSaturated)];
  return own === others ? own : `Varve: ${own}; ${name}: ${others}`;
}

function textOf(saturation: Saturation): string {
  return saturation === "client" ? "client (!)" : saturation;
}
