import type { Random } from "./random.ts";

/**
 * One kind of fault. A round of it starts with nothing, injects the fault once or
 * more under load, and checks the recorded history. Its choices come from the seed
 * alone, so that a round can be run again.
 */
export interface Scenario {
  /** For the command line and the reports, for example `kill`. */
  readonly name: string;
  /** One sentence: what is done to the server. */
  readonly description: string;
  /** Rounds of a run in which no number is given; together a few minutes. */
  readonly rounds: number;
  /** Runs one round. A broken guarantee is returned; what is thrown is a broken test. */
  run(round: Round): Promise<RoundReport>;
}

/** What a round works with. */
export interface Round {
  readonly seed: number;
  readonly random: Random;
  /** A new empty folder, which goes when the round ends. */
  readonly folder: string;
  /** Aborts when the run is interrupted. */
  readonly signal: AbortSignal;
}

/** What came of a round. */
export interface RoundReport {
  /** Faults that were injected, by kind, for example `{ "kill -9": 1 }`. */
  readonly faults: Readonly<Record<string, number>>;
  /** What was counted beside: appends acknowledged, events read … */
  readonly counts: Readonly<Record<string, number>>;
  /** The most of something that was measured, which does not add up over rounds. */
  readonly peaks?: Readonly<Record<string, number>>;
  /** Empty if every guarantee held. */
  readonly violations: readonly Violation[];
}

/** A guarantee that did not hold. */
export interface Violation {
  /** Of `docs/guarantees.md`, for example `G4`. */
  readonly guarantee: `G${number}`;
  /** One sentence with the positions, ids and names that are needed to look into it. */
  readonly message: string;
}
