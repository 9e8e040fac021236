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

const requiredOptions = new WeakSet<Option>();

/**
 * An option that must be given. It is missed only once all words are known to be right:
 * whoever mistyped it is asked "Did you mean …?".
 */
export function required(option: Option): Option {
  option.description += " (required)";
  requiredOptions.add(option);
  return option;
}

/** Ends a command that lacks an option that must be given. */
export function checkRequired(command: Command): void {
  const missing = command.options.find(
    (option) =>
      requiredOptions.has(option) && command.getOptionValue(option.attributeName()) === undefined,
  );
  if (!missing) return;
  const code = "commander.missingMandatoryOptionValue";
  command.error(`error: required option '${missing.flags}' not specified`, { code });
}

/** Adds a command, with the options that all commands take. */
export function define(
  program: Command,
  usage: string,
  description: string,
  options: readonly Option[] = [],
): Command {
  const workspace = new Option("--workspace <NAME>", 'the workspace (default: "default")');
  const all = [...options, addressOption(), workspace.env("VARVE_WORKSPACE"), jsonOption()];
  return addOptions(program.command(usage).description(description), all);
}

/** The same for a command that is about the whole server. */
export function defineForServer(program: Command, usage: string, description: string): Command {
  const command = program.command(usage).description(description);
  return addOptions(command, [addressOption(), jsonOption()]);
}

function addOptions(command: Command, options: readonly Option[]): Command {
  for (const each of options) command.addOption(each);
  return command;
}

function addressOption(): Option {
  return new Option("--address <HOST:PORT>", "where the server listens")
    .env("VARVE_ADDRESS")
    .default(defaultAddress)
    .argParser(parseAddress);
}

function jsonOption(): Option {
  return new Option("--json", "NDJSON, and errors as JSON, also on a terminal");
}
