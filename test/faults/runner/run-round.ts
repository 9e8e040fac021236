import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../random.ts";
import type { RoundReport, Scenario } from "../scenario.ts";

/** A round that takes longer is taken for hanging, ms. */
const ROUND_MS_MAX = 5 * 60 * 1000;

/** What came of a round, whether it could be judged or not. */
export interface RoundResult {
  readonly scenario: string;
  readonly seed: number;
  readonly durationMs: number;
  readonly report: RoundReport | undefined;
  /** What was thrown: the test is broken, or the machine. */
  readonly error: Error | undefined;
  /** What the server left, kept because something was found. */
  readonly folder: string | undefined;
}

/** One round in a folder of its own, which stays only if there is something to look into. */
export async function runRound(
  scenario: Scenario,
  seed: number,
  interrupted: AbortSignal,
): Promise<RoundResult> {
  const folder = await mkdtemp(join(tmpdir(), `varve-faults-${scenario.name}-`));
  const startedMs = performance.now();
  // Not `AbortSignal.timeout`: a signal that is only looked at may be collected as garbage.
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(), ROUND_MS_MAX);
  const signal = AbortSignal.any([interrupted, tooLong.signal]);
  let report: RoundReport | undefined;
  let error: Error | undefined;
  try {
    report = await scenario.run({ seed, random: new Random(seed), folder, signal });
    if (signal.aborted && !interrupted.aborted) throw new Error("the round does not end");
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  clearTimeout(timer);
  const keep =
    !interrupted.aborted && (error !== undefined || (report?.violations.length ?? 0) > 0);
  if (!keep) await rm(folder, { recursive: true, force: true });
  const durationMs = Math.round(performance.now() - startedMs);
  const { name } = scenario;
  return { scenario: name, seed, durationMs, report, error, folder: keep ? folder : undefined };
}

/**
 * The seed of the nth round, from 0. That of the first is the seed itself, so that any
 * round can be run again as the first one.
 */
export function seedOfRound(seed: number, round: number): number {
  return round === 0
    ? seed
    : new Random((seed ^ Math.imul(round, 0x9e3779b1)) >>> 1).integer(0, 2 ** 31 - 1);
}
