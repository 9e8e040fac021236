import type { CommandContext } from "../context.js";
import { given } from "../options/given.js";
import { exportJson } from "../output/event-json.js";
import { printReplay } from "../output/replay-printer.js";

export interface ExportFlags {
  readonly from?: bigint;
}

/** Prints the log as lines that `import` reads back; also on a terminal. */
export async function exportEvents(context: CommandContext, { from }: ExportFlags): Promise<void> {
  await printReplay(context, given({ from }), (event) => context.out.line(exportJson(event)));
}
