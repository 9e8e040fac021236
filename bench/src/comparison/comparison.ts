import type { Side } from "./side.ts";

/** What is to be reached. */
export interface Goal {
  /** The ratio of value and baseline, or the value itself. */
  readonly on: "ratio" | "value";
  readonly is: "at least" | "at most";
  readonly than: number;
}

/** One figure of the samples of a side. */
export interface Figure {
  readonly side: Side;
  /** Which of its details. Default: its value. */
  readonly detail?: string;
}

/** A value and what it is measured against: a row of the results. */
export interface Comparison {
  /** Which case of the workload, for example `64 callers`. */
  readonly case: string;
  readonly unit: string;
  readonly value: Figure;
  /** What it is measured against, for example `B4`. */
  readonly baseline: string;
  /** If there is more than one, they are added. */
  readonly against: readonly [Figure, ...Figure[]];
  /** Absent: the row is for information. */
  readonly goal?: Goal;
}

export function atLeast(than: number): Goal {
  return { on: "ratio", is: "at least", than };
}

export function atMost(than: number): Goal {
  return { on: "ratio", is: "at most", than };
}

export function valueAtMost(than: number): Goal {
  return { on: "value", is: "at most", than };
}
