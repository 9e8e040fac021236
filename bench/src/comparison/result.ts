import type { CpuUse, Sample } from "../machine/meter.ts";
import { median, type Spread, spreadOf } from "../statistics.ts";
import type { Comparison, Figure, Goal } from "./comparison.ts";
import { figureIn, type Round } from "./rounds.ts";

/** A row of the results. Figures are medians of the repeats, spreads least and greatest. */
export interface Result {
  /** Of the workload, for example `W2`. */
  readonly id: string;
  readonly title: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: string;
  readonly baselineValue: number;
  /** Median of the ratios of each round, in which both were measured one after the other. */
  readonly ratio: number;
  /** Absent: the row is for information. */
  readonly goal?: number;
  readonly goalOn?: Goal["on"];
  readonly goalIs?: Goal["is"];
  readonly met?: boolean;
  readonly spread: {
    readonly value: Spread;
    readonly baselineValue: Spread;
    readonly ratio: Spread;
  };
  readonly cpu: CpuUse;
  readonly baselineCpu: CpuUse;
  /** Which core was busy all the time. */
  readonly saturated: Saturation;
  readonly baselineSaturated: Saturation;
  /** Further figures of the value's side. */
  readonly details: Readonly<Record<string, number>>;
  readonly repeats: number;
}

export type Saturation = "client" | "server" | "both" | "neither" | "unknown";

export function resultOf(
  { id, title }: Pick<Result, "id" | "title">,
  comparison: Comparison,
  rounds: readonly Round[],
): Result {
  const { against, goal } = comparison;
  const values = rounds.map((round) => figureIn(round, comparison.value));
  const baselines = rounds.map((round) => sumOf(round, against));
  const ratios = values.map((value, i) => value / (baselines[i] as number));
  const samples = samplesOf(rounds, comparison.value);
  const cpu = medianCpu(samples);
  // Of a sum, the last: what comes before it is the disk, which has no client.
  const baselineCpu = medianCpu(samplesOf(rounds, against.at(-1) as Figure));
  const [value, ratio] = [median(values), median(ratios)];
  return {
    id,
    title,
    case: comparison.case,
    value,
    unit: comparison.unit,
    baseline: comparison.baseline,
    baselineValue: median(baselines),
    ratio,
    ...(goal && {
      goal: goal.than,
      goalOn: goal.on,
      goalIs: goal.is,
      met: isMet(goal, goal.on === "ratio" ? ratio : value),
    }),
    spread: {
      value: spreadOf(values),
      baselineValue: spreadOf(baselines),
      ratio: spreadOf(ratios),
    },
    cpu,
    baselineCpu,
    saturated: saturationOf(cpu),
    baselineSaturated: saturationOf(baselineCpu),
    details: medianDetails(samples),
    repeats: rounds.length,
  };
}

function isMet({ is, than }: Goal, figure: number): boolean {
  return is === "at least" ? figure >= than : figure <= than;
}

function sumOf(round: Round, figures: readonly Figure[]): number {
  return figures.reduce((sum, figure) => sum + figureIn(round, figure), 0);
}

function samplesOf(rounds: readonly Round[], { side }: Figure): readonly Sample[] {
  return rounds.map((round) => round.get(side) as Sample);
}

/** From so much of its core on, a process is taken as the limit. */
const SATURATED = 0.95;

export function saturationOf({ serverBusy, clientBusy }: CpuUse): Saturation {
  if (serverBusy === undefined) return "unknown";
  const client = clientBusy >= SATURATED;
  if (serverBusy >= SATURATED) return client ? "both" : "server";
  return client ? "client" : "neither";
}

function medianCpu(samples: readonly Sample[]): CpuUse {
  return medianFields(samples.map(({ cpu }) => cpu)) as unknown as CpuUse;
}

function medianDetails(samples: readonly Sample[]): Record<string, number> {
  return medianFields(samples.map(({ details }) => details));
}

function medianFields(records: readonly object[]): Record<string, number> {
  const names = Object.keys(records[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      median(records.map((record) => (record as Record<string, number>)[name] as number)),
    ]),
  );
}
