import type { Violation } from "../scenario.ts";
import type { RoundResult } from "./run-round.ts";

/** Of each guarantee, shown on the terminal; the report has all. */
const VIOLATIONS_SHOWN = 3;

/** One line for a round. */
export function roundLine(result: RoundResult, ordinal: number, rounds: number): string {
  const { scenario, seed, durationMs, report, error } = result;
  const outcome = error ? "BROKEN" : report?.violations.length ? "VIOLATED" : "ok";
  const faults = Object.entries(report?.faults ?? {}).filter(([, count]) => count > 0);
  return [
    scenario.padEnd(14),
    `${ordinal}/${rounds}`.padStart(9),
    `seed ${seed}`.padEnd(16),
    `${(durationMs / 1000).toFixed(1)} s`.padStart(8),
    ` ${outcome}`.padEnd(10),
    faults.map(([kind, count]) => `${count} × ${kind}`).join(", "),
  ].join(" ");
}

/** What was found in a round, and how to look into it. Empty if nothing was. */
export function findings({ report, error, seed, scenario, folder }: RoundResult): string[] {
  const violations = report?.violations ?? [];
  if (!error && violations.length === 0) return [];
  const byGuarantee = Object.values(Object.groupBy(violations, ({ guarantee }) => guarantee));
  return [
    ...byGuarantee.flatMap((group = []) => shown(group)),
    ...(error ? [`  the round itself failed: ${indented(error.stack ?? error.message)}`] : []),
    ...(folder ? [`  kept: ${folder}`] : []),
    `  again: npm run test:faults -- --only ${scenario} --seed ${seed} --rounds 1`,
  ];
}

function shown(violations: readonly Violation[]): string[] {
  const lines = violations
    .slice(0, VIOLATIONS_SHOWN)
    .map(({ guarantee, message }) => `  ${guarantee.padEnd(4)} ${indented(message)}`);
  const more = violations.length - lines.length;
  return more > 0 ? [...lines, `       … and ${more.toLocaleString("en")} more`] : lines;
}

function indented(text: string): string {
  return text.replaceAll("\n", "\n       ");
}
