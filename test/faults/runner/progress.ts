import type { RoundResult } from "./run-round.ts";

/** Of one round, shown on the terminal; the report has all. */
const VIOLATIONS_SHOWN = 10;

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
  const shown = violations
    .slice(0, VIOLATIONS_SHOWN)
    .map(({ guarantee, message }) => `  ${guarantee.padEnd(4)} ${indented(message)}`);
  const more = violations.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...(error ? [`  the round itself failed: ${indented(error.stack ?? error.message)}`] : []),
    ...(folder ? [`  kept: ${folder}`] : []),
    `  again: npm run test:faults -- --only ${scenario} --seed ${seed} --rounds 1`,
  ];
}

function indented(text: string): string {
  return text.replaceAll("\n", "\n       ");
}
