import type { Comparison } from "./comparison/comparison.ts";
import type { Side } from "./comparison/side.ts";
import type { Lab } from "./lab.ts";

/** One line of the table in `docs/benchmarks.md`. */
export interface Workload {
  readonly id: `W${number}`;
  /** What is done, in a few words. */
  readonly title: string;
  /** The databases that its servers begin with. */
  readonly databases: readonly DatabaseName[];
  /** Starts what is to be measured; the lab ends it. */
  prepare(lab: Lab): Promise<Experiment>;
}

/** What a workload measures, and what is compared. */
export interface Experiment {
  /** Measured one after the other, in this order, again and again. */
  readonly sides: readonly Side[];
  readonly comparisons: readonly Comparison[];
  /** What a reader of the results has to know. */
  readonly notes?: readonly string[];
}

/** `base`: 100,000 events. `million`: that many. `large`: ten million, or fewer if so asked. */
export type DatabaseName = "base" | "million" | "large";

/** A database, and how many events it holds. */
export interface PreparedDatabase {
  readonly folder: string;
  readonly events: number;
}
