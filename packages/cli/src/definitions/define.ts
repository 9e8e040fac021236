import { type Command, Option } from "commander";
import type { CommandContext, LocalContext, MaintenanceContext } from "../context.js";
import { defaultAddress, parseAddress } from "../options/values.js";

/** The options that all commands take that talk to a server. */
export interface ConnectionFlags {
  readonly address: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Runs a command: connects, tells of errors, and keeps the exit status. */
export type RunCommand = (
  flags: ConnectionFlags,
  command: (context: CommandContext) => Promise<void>,
) => Promise<void>;

/** Runs a command that looks after a server, as `RunCommand` does. */
export type RunMaintenance = (
  flags: ConnectionFlags,
  command: (context: MaintenanceContext) => Promise<void>,
) => Promise<void>;

/** Runs a command that needs no server. */
export type RunLocal = (
  flags: Pick<ConnectionFlags, "json">,
  command: (context: LocalContext) => Promise<void>,
) => Promise<void>;

/** An option that takes a value. */
export function option<T>(
  flags: string,
  description: string,
  parse: (text: string, earlier: T | undefined) => T,
): Option {
  return new Option(flags, description).argParser(parse);
}

/** Adds a command, with the options that all commands take. */
export function define(
  program: Command,
  usage: string,
  description: string,
  options: readonly Option[] = [],
): Command {
  const command = program.command(usage).description(description);
  for (const each of [...options, ...connectionOptions()]) command.addOption(each);
  return command;
}

function connectionOptions(): Option[] {
  return [
    new Option("--address <HOST:PORT>", "where the server listens")
      .env("VARVE_ADDRESS")
      .default(defaultAddress)
      .argParser(parseAddress),
    new Option("--workspace <NAME>", 'the workspace (default: "default")').env("VARVE_WORKSPACE"),
    new Option("--json", "NDJSON, and errors as JSON, also on a terminal"),
  ];
}
