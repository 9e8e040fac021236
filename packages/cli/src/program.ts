import { readFileSync } from "node:fs";
import { Command } from "commander";
import { defineBackingUp } from "./definitions/backing-up.js";
import { defineChecking } from "./definitions/checking.js";
import {
  checkRequired,
  type RunCommand,
  type RunLocal,
  type RunMaintenance,
} from "./definitions/define.js";
import { defineFollowing } from "./definitions/following.js";
import { defineLooking } from "./definitions/looking.js";
import { defineReading } from "./definitions/reading.js";
import { defineServing, type RunServe } from "./definitions/serving.js";
import { defineWriting } from "./definitions/writing.js";

const help = `
Where standard output is not a terminal, results are NDJSON.

Exit status: 0 done, 1 refused by the server, 2 wrong use, 3 the server cannot be reached.

Examples:
  varve serve
  varve append order-42 --type order.Placed --data '{"total": 99}' --expect no-stream
  varve read order-42 --as-of 2026-01-02T15:04:05Z
  varve replay --type 'order.*' --json | jq .data
  varve replay --from 7 --to 7 --long
  varve export | varve import --workspace copy -`;

/** How the program speaks and runs. */
export interface ProgramOptions {
  readonly run: RunCommand;
  readonly runMaintenance: RunMaintenance;
  readonly runLocal: RunLocal;
  readonly runServe: RunServe;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** The command line: what there is, and what the words on it mean. */
export async function createProgram(
  args: readonly string[],
  { run, runMaintenance, runLocal, runServe, writeOut, writeErr }: ProgramOptions,
): Promise<Command> {
  const program = new Command("varve")
    .description("An event store: records what happened, in order, and plays it back.")
    .version(readVersion(), "--version", "print the version")
    .addHelpText("after", help)
    .configureOutput({
      writeOut,
      writeErr,
      outputError: (message, write) => write(message.replace(/^error: /, "varve: ")),
    })
    .exitOverride()
    .hook("preAction", (_program, command) => checkRequired(command));
  await defineServing(program, runServe, args.includes("serve"));
  defineWriting(program, run);
  defineReading(program, run);
  defineFollowing(program, run);
  defineLooking(program, run, runMaintenance);
  defineBackingUp(program, runMaintenance, runLocal);
  defineChecking(program, runLocal);
  return program;
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
