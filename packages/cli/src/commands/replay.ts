import type { CommandContext } from "../context.js";
import { type FilterFlags, filterOf } from "../options/filter.js";
import { given } from "../options/given.js";
import { createEventPrinter } from "../output/event-printer.js";
import { printReplay } from "../output/replay-printer.js";

export interface ReplayFlags extends Omit<FilterFlags, "stream"> {
  readonly from?: bigint;
  readonly to?: bigint;
  readonly since?: Date;
  readonly until?: Date;
  readonly backwards?: boolean;
  readonly limit?: bigint;
}

/** Prints the events of the log. */
export async function replay(context: CommandContext, flags: ReplayFlags): Promise<void> {
  const { from, to, since, until, backwards, limit } = flags;
  const filter = filterOf(flags);
  const options = given({ from, to, since, until, backwards, limit, filter });
  await printReplay(context, options, createEventPrinter(context));
}
