import { expect, it } from "vitest";
import type { Spread } from "../../statistics.ts";
import { winnerOf } from "./peers-report.ts";

function winner(ratio: Spread, unit: string): string {
  return winnerOf({ unit, spread: { value: [1, 1], baselineValue: [1, 1], ratio } });
}

it.each([
  ["events/s", [1.1, 3], "varve"],
  ["events/s", [0.5, 0.9], "peer"],
  ["events/s", [0.9, 1.1], "neither"],
  ["µs", [1.1, 3], "peer"],
  ["µs", [0.5, 0.9], "varve"],
  ["µs", [0.9, 1.1], "neither"],
] as const)("of %s with ratios %s is ahead: %s", (unit, ratio, expected) => {
  expect(winner(ratio, unit)).toBe(expected);
});
