import type { Command } from "commander";
import type { ExportFlags } from "../commands/export.js";
import type { ReadFlags } from "../commands/read.js";
import type { ReplayFlags } from "../commands/replay.js";
import { parseLimit, parseRevision } from "../options/numbers.js";
import { parseTime } from "../options/time.js";
import { type ConnectionFlags, define, option, type RunCommand } from "./define.js";
import {
  backwardsOption,
  logOptions,
  longOption,
  tagOption,
  typeOption,
} from "./shared-options.js";

const timeHelp = `
TIME is ISO 8601, such as 2026-01-02T15:04:05Z. A date alone is midnight UTC; a time
without a zone is local.`;

const readHelp = `${timeHelp}

Examples:
  varve read order-42
  varve read order-42 --backwards --limit 1 --long
  varve read order-42 --as-of 2026-01-02T15:04:05Z --json | jq .data`;

const replayHelp = `${timeHelp}

Examples:
  varve replay --type 'order.*' --tag customer:42
  varve replay --from 7 --to 7 --long
  varve replay --since 2026-01-02 --backwards --limit 20`;

const exportHelp = `${timeHelp}

A line is JSON, with every field of the event as it is stored; data that cannot stand in a line as
it is comes as base64. "varve import" appends the lines anew, "varve restore --from-lines" makes
a workspace of them with the times that they have.

Examples:
  varve export > events.ndjson
  varve export --type 'order.*' --since 2026-01-02 | varve import --workspace copy -`;

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
    typeOption(),
    tagOption(),
    backwardsOption(),
    option("--limit <N>", "at most so many events (default: all)", parseLimit),
    option("--as-of <TIME>", "the stream as it was then, inclusive (default: now)", parseTime),
    longOption(),
  ])
    .addHelpText("after", readHelp)
    .action((stream: string, flags: ReadFlags & ConnectionFlags) =>
      run(flags, async (context) => {
        const { read } = await import("../commands/read.js");
        await read(context, stream, flags);
      }),
    );
}

function defineReplay(program: Command, run: RunCommand): void {
  define(program, "replay", "print the events of the log", [
    ...logOptions(),
    backwardsOption(),
    option("--limit <N>", "at most so many events (default: all)", parseLimit),
    longOption(),
  ])
    .addHelpText("after", replayHelp)
    .action((flags: ReplayFlags & ConnectionFlags) =>
      run(flags, async (context) => {
        const { replay } = await import("../commands/replay.js");
        await replay(context, flags);
      }),
    );
}

function defineExport(program: Command, run: RunCommand): void {
  const description = "print the log as lines that import and restore read back";
  define(program, "export", description, logOptions())
    .addHelpText("after", exportHelp)
    .action((flags: ExportFlags & ConnectionFlags) =>
      run(flags, async (context) => {
        const { exportEvents } = await import("../commands/export.js");
        await exportEvents(context, flags);
      }),
    );
}
