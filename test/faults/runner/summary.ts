import type { RoundResult } from "./run-round.ts";

/** All rounds of one scenario, added up. */
export interface ScenarioSummary {
  readonly scenario: string;
  readonly rounds: number;
  readonly durationMs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** The most in any round. */
  readonly peaks: Readonly<Record<string, number>>;
  readonly violations: number;
  /** Rounds that could not be judged. */
  readonly broken: number;
}

export function summarize(results: readonly RoundResult[]): ScenarioSummary[] {
  const names = [...new Set(results.map(({ scenario }) => scenario))];
  return names.map((scenario) => {
    const own = results.filter((result) => result.scenario === scenario);
    const reports = own.flatMap(({ report }) => report ?? []);
    return {
      scenario,
      rounds: own.length,
      durationMs: own.reduce((sum, { durationMs }) => sum + durationMs, 0),
      faults: addUp(reports.map(({ faults }) => faults)),
      counts: addUp(reports.map(({ counts }) => counts)),
      peaks: highest(reports.map(({ peaks = {} }) => peaks)),
      violations: reports.reduce((sum, { violations }) => sum + violations.length, 0),
      broken: own.filter(({ error }) => error !== undefined).length,
    };
  });
}

/** A block of lines for each scenario. */
export function summaryText(summaries: readonly ScenarioSummary[]): string {
  return summaries.map(textOf).join("\n");
}

function textOf(summary: ScenarioSummary): string {
  const { scenario, rounds, durationMs, faults, counts, peaks, violations, broken } = summary;
  const verdict = [
    `${violations} violations`,
    ...(broken > 0 ? [`${broken} rounds could not be judged`] : []),
  ].join(", ");
  return [
    `${scenario}: ${rounds} ${rounds === 1 ? "round" : "rounds"} in ${(durationMs / 1000).toFixed(0)} s, ${verdict}`,
    ...lines("faults", faults),
    ...lines("counts", counts),
    ...lines("at most", peaks),
  ].join("\n");
}

const WIDTH = 96;

/** Wrapped, with the label before the first line. */
function lines(label: string, counts: Readonly<Record<string, number>>): string[] {
  const rows: string[] = [];
  for (const part of Object.entries(counts).map(([k, n]) => `${n.toLocaleString("en")} ${k}`)) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + part.length < WIDTH - 12)
      rows[rows.length - 1] = `${row}, ${part}`;
    else rows.push(part);
  }
  return rows.map((row, i) => `  ${(i === 0 ? label : "").padEnd(8)}${row}`);
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((one) => Object.entries(one))) {
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function highest(peaks: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [name, peak] of peaks.flatMap((one) => Object.entries(one))) {
    all[name] = Math.max(all[name] ?? 0, peak);
  }
  return all;
}
