import { type Command, Option } from "commander";
import type { ServeFlags } from "../commands/serve.js";
import type { ServeContext } from "../context.js";

/** Runs the command that needs no server. */
export type RunServe = (command: (context: ServeContext) => Promise<void>) => Promise<void>;

/**
 * Adds the command that runs a server. Its options are the server's settings;
 * they are loaded with the server, so only where they are wanted, because
 * that takes longer than most commands run.
 */
export async function defineServing(
  program: Command,
  run: RunServe,
  withOptions: boolean,
): Promise<void> {
  const command = program.command("serve").description("run a server, until interrupted");
  if (!withOptions) return;
  const options = await settingOptions();
  for (const option of options) command.addOption(option);
  command.action((values: ServeFlags) =>
    run(async (context) => {
      const { serve } = await import("../commands/serve.js");
      const flags = options.map((option) => [option.name(), values[option.attributeName()]]);
      await serve(context, Object.fromEntries(flags));
    }),
  );
}

async function settingOptions(): Promise<Option[]> {
  const { settingDefinitions } = await import("@varve/server");
  return settingDefinitions.map((setting) => {
    const { name, placeholder, description, defaultText, env, boolean } = setting;
    const flags = boolean ? `--${name}` : `--${name} <${placeholder ?? "VALUE"}>`;
    // The server reads the environment itself; here it is only told of.
    const hints = `default: ${defaultText}, env: ${env}`;
    return new Option(flags, `${description} (${hints})`);
  });
}
