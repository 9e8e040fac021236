import type { CommandContext } from "../context.js";
import { type LogFlags, nothingIn, replayOptionsOf } from "../options/log.js";
import { exportJson } from "../output/event-json.js";
import { linePrinter } from "../output/event-printer.js";
import { sayNothing } from "../output/nothing.js";
import { printReplay } from "../output/replay-printer.js";

export type ExportFlags = LogFlags;

/** Prints the log as lines that `import` and `restore` read back; also on a terminal. */
export async function exportEvents(context: CommandContext, flags: ExportFlags): Promise<void> {
  const options = replayOptionsOf(flags);
  const events = await printReplay(context, options, linePrinter(context, exportJson));
  if (events === 0) await sayNothing(context, nothingIn(options));
}
