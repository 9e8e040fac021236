import type { CommandContext } from "../context.js";
import { given } from "../options/given.js";
import { type LogFlags, nothingIn, replayOptionsOf } from "../options/log.js";
import { createEventPrinter, type PrintFlags } from "../output/event-printer.js";
import { sayNothing } from "../output/nothing.js";
import { printReplay } from "../output/replay-printer.js";

export interface ReplayFlags extends LogFlags, PrintFlags {
  readonly backwards?: boolean;
  readonly limit?: bigint;
}

/** Prints the events of the log. */
export async function replay(context: CommandContext, flags: ReplayFlags): Promise<void> {
  const { backwards, limit } = flags;
  const chosen = replayOptionsOf(flags);
  const options = { ...chosen, ...given({ backwards, limit }) };
  const events = await printReplay(context, options, await createEventPrinter(context, flags));
  if (events === 0) await sayNothing(context, nothingIn(chosen));
}
