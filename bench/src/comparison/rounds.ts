import type { Sample } from "../machine/meter.ts";
import type { Figure } from "./comparison.ts";
import type { Side } from "./side.ts";

export interface Repeats {
  /** Of each side. */
  readonly count: number;
  /** Of each of them, about. */
  readonly seconds: number;
}

/** One sample of each side, taken one after the other. */
export type Round = ReadonlyMap<Side, Sample>;

/**
 * Measures the sides in turn, ABABAB, so that whatever changes on the machine changes
 * for all of them; before that, once each without looking, so that they are warm.
 */
export async function measureRounds(
  sides: readonly Side[],
  { count, seconds }: Repeats,
): Promise<readonly Round[]> {
  await measureRound(sides, seconds);
  const rounds: Round[] = [];
  for (let i = 0; i < count; i++) {
    rounds.push(await measureRound(sides, seconds));
  }
  return rounds;
}

/** Measures each side once. */
export async function measureRound(sides: readonly Side[], seconds: number): Promise<Round> {
  const round = new Map<Side, Sample>();
  for (const side of sides) round.set(side, await measureSide(side, seconds));
  return round;
}

async function measureSide(side: Side, seconds: number): Promise<Sample> {
  try {
    return await side.measure(seconds);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${side.name}: ${why}`, { cause });
  }
}

/** What a figure was in a round. */
export function figureIn(round: Round, { side, detail }: Figure): number {
  const sample = round.get(side);
  const value = detail === undefined ? sample?.value : sample?.details[detail];
  if (value === undefined) throw new Error(`${side.name} has no ${detail ?? "sample"}`);
  return value;
}
