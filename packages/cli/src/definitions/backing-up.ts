import { type Command, Option } from "commander";
import type { BackupFlags } from "../commands/backup.js";
import type { RestoreFlags } from "../commands/restore.js";
import { parseAfter, parsePosition } from "../options/numbers.js";
import { parseTime } from "../options/time.js";
import {
  type ConnectionFlags,
  define,
  option,
  type RunLocal,
  type RunMaintenance,
} from "./define.js";
import { text } from "./shared-options.js";

const backupHelp = `
Into a file goes one backup of one workspace. A folder (one that exists, or a name that ends
with /) takes a series of them: each run goes on after the newest backup there, and writes
nothing if nothing is new. "-" is standard output.

Examples:
  varve backup /mnt/backups/
  varve backup --all /mnt/backups/
  varve backup - | gzip > today.varve.gz`;

const restoreHelp = `
SOURCE is a file, a folder of backups, or "-" for standard input; their order does not matter.
No server may be using the data folder. TIME is ISO 8601, such as 2026-01-02T15:04:05Z. A date
alone is midnight UTC; a time without a zone is local.

With --from-lines, SOURCE is a file of events as "varve export" prints them, or "-". They become
a new workspace, "default" or the one that is named, in the order of the lines, with the times
and ids that they have. "recordedAt" is required; times must not run backwards.

Examples:
  varve restore /mnt/backups/ --data ./restored
  varve restore --from-lines events.ndjson --data ./restored --workspace orders
  varve restore /mnt/backups/ --workspace default --to-time 2026-01-02T15:04:05Z --as before`;

/** Adds the commands that keep copies of the log, and make a log of them again. */
export function defineBackingUp(
  program: Command,
  runMaintenance: RunMaintenance,
  runLocal: RunLocal,
): void {
  defineBackup(program, runMaintenance);
  defineRestore(program, runLocal);
}

function defineBackup(program: Command, run: RunMaintenance): void {
  define(program, "backup <FILE|DIR>", "copy the log, while the server runs", [
    option("--after <P>", "only what follows on this position (only with FILE)", parseAfter),
    new Option("--force", "overwrite FILE"),
    new Option("--all", "every workspace (only with DIR)"),
  ])
    .addHelpText("after", backupHelp)
    .action((target: string, flags: BackupFlags & ConnectionFlags, command: Command) =>
      run(flags, async (context) => {
        const { backup } = await import("../commands/backup.js");
        const isWorkspaceNamed = command.getOptionValueSource("workspace") === "cli";
        await backup(context, target, { ...flags, isWorkspaceNamed });
      }),
    );
}

function defineRestore(program: Command, run: RunLocal): void {
  program
    .command("restore <SOURCE...>")
    .description("make workspaces of backups, or of lines")
    .addOption(
      new Option("--data <DIR>", "folder of the data, created if it is missing")
        .env("VARVE_DATA")
        .default("./varve-data"),
    )
    .addOption(option("--to-position <P>", "only up to this position, inclusive", parsePosition))
    .addOption(
      option("--to-time <TIME>", "only what was recorded then or earlier", parseTime).conflicts(
        "toPosition",
      ),
    )
    .addOption(
      option<string>(
        "--workspace <NAME>",
        "only this workspace of the backups; with --from-lines, the new one",
        text,
      ),
    )
    .addOption(option<string>("--as <NAME>", "give the workspace this name", text))
    .addOption(
      new Option("--from-lines", "SOURCE holds events as lines, not a backup").conflicts([
        "toPosition",
        "toTime",
      ]),
    )
    .addOption(new Option("--json", "NDJSON, and errors as JSON, also on a terminal"))
    .addHelpText("after", restoreHelp)
    .action((sources: string[], flags: RestoreFlags & Pick<ConnectionFlags, "json">) =>
      run(flags, async (context) => {
        const { restore } = await import("../commands/restore.js");
        await restore(context, sources, flags);
      }),
    );
}
