import type { Command } from "commander";
import type { ExportFlags } from "../commands/export.js";
import type { ReadFlags } from "../commands/read.js";
import type { ReplayFlags } from "../commands/replay.js";
import { parseLimit, parsePosition, parseRevision } from "../options/numbers.js";
import { parseTime } from "../options/time.js";
import { type ConnectionFlags, define, option, type RunCommand } from "./define.js";
import { backwardsOption, filterOptions } from "./shared-options.js";

const timeHelp = `
TIME is ISO 8601, such as 2026-01-02T15:04:05Z. A date alone is midnight UTC; a time
without a zone is local.`;

/** Adds the commands that print events and end. */
export function defineReading(program: Command, run: RunCommand): void {
  defineRead(program, run);
  defineReplay(program, run);
  defineExport(program, run);
}

function defineRead(program: Command, run: RunCommand): void {
  define(program, "read <STREAM>", "print the events of a stream", [
    option("--from <N>", "lowest revision, inclusive (default: 0)", parseRevision),
    option("--to <N>", "highest revision, inclusive (default: the last)", parseRevision),
    backwardsOption(),
    option("--limit <N>", "at most so many events (default: all)", parseLimit),
    option("--as-of <TIME>", "the stream as it was then, inclusive (default: now)", parseTime),
  ])
    .addHelpText("after", timeHelp)
    .action((stream: string, flags: ReadFlags & ConnectionFlags) =>
      run(flags, async (context) => {
        const { read } = await import("../commands/read.js");
        await read(context, stream, flags);
      }),
    );
}

function defineReplay(program: Command, run: RunCommand): void {
  define(program, "replay", "print the events of the log", [
    option("--from <P>", "lowest position, inclusive (default: 1)", parsePosition),
    option("--to <P>", "highest position, inclusive (default: the head)", parsePosition),
    option("--since <TIME>", "only events recorded then or later", parseTime),
    option("--until <TIME>", "only events recorded then or earlier", parseTime),
    ...filterOptions(),
    backwardsOption(),
    option("--limit <N>", "at most so many events (default: all)", parseLimit),
  ])
    .addHelpText("after", timeHelp)
    .action((flags: ReplayFlags & ConnectionFlags) =>
      run(flags, async (context) => {
        const { replay } = await import("../commands/replay.js");
        await replay(context, flags);
      }),
    );
}

function defineExport(program: Command, run: RunCommand): void {
  define(program, "export", 'print the log as lines that "varve import" reads back', [
    option("--from <P>", "lowest position, inclusive (default: 1)", parsePosition),
  ]).action((flags: ExportFlags & ConnectionFlags) =>
    run(flags, async (context) => {
      const { exportEvents } = await import("../commands/export.js");
      await exportEvents(context, flags);
    }),
  );
}
