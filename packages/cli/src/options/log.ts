import type { ReplayOptions } from "@varve/client";
import { type FilterFlags, filterOf } from "./filter.js";
import { given } from "./given.js";

/** The options that choose events of the log that were recorded. */
export interface LogFlags extends FilterFlags {
  readonly from?: bigint;
  readonly to?: bigint;
  readonly since?: Date;
  readonly until?: Date;
}

/** What to replay. */
export function replayOptionsOf(flags: LogFlags): ReplayOptions {
  const { from, to, since, until } = flags;
  return given({ from, to, since, until, filter: filterOf(flags) });
}

/** What is said of a log that has no such event. */
export function nothingIn(options: ReplayOptions): string {
  const isWhole = Object.keys(options).length === 0;
  return isWhole ? "The log has no event." : "No event of the log matches.";
}
