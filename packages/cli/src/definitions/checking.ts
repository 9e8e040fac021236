import { type Command, Option } from "commander";
import type { ForgetWorkspaceFlags } from "../commands/forget-workspace.js";
import type { VerifyFlags } from "../commands/verify.js";
import { type ConnectionFlags, option, type RunLocal } from "./define.js";
import { text } from "./shared-options.js";

const verifyHelp = `
Reads everything that is stored and changes nothing. No server may be using the folder; what a
running server finds by itself is in "varve status".

Exit status: 0 all is as it was written, 1 something is damaged, 2 wrong use, 3 the data cannot
be read, or a server is using it.

Examples:
  varve verify
  varve verify --data /var/lib/varve --workspace default --json`;

const forgetHelp = `
A workspace that has lost its data is an error, not a new one. If it is meant to be gone: stop the
server, delete its folder DIR/workspaces/NAME, and then say so with this command.`;

/** Adds the commands for data folders that no server uses. */
export function defineChecking(program: Command, run: RunLocal): void {
  defineVerify(program, run);
  defineForgetWorkspace(program, run);
}

function defineForgetWorkspace(program: Command, run: RunLocal): void {
  program
    .command("forget-workspace <NAME>")
    .description("say that a workspace whose data was deleted is meant to be gone")
    .addOption(
      new Option("--data <DIR>", "folder of the data").env("VARVE_DATA").default("./varve-data"),
    )
    .addOption(new Option("--json", "NDJSON, and errors as JSON, also on a terminal"))
    .addHelpText("after", forgetHelp)
    .action((name: string, flags: ForgetWorkspaceFlags & Pick<ConnectionFlags, "json">) =>
      run(flags, async (context) => {
        const { forgetWorkspaceCommand } = await import("../commands/forget-workspace.js");
        await forgetWorkspaceCommand(context, name, flags);
      }),
    );
}

function defineVerify(program: Command, run: RunLocal): void {
  program
    .command("verify")
    .description("check everything that a data folder holds")
    .addOption(
      new Option("--data <DIR>", "folder of the data").env("VARVE_DATA").default("./varve-data"),
    )
    .addOption(option<string>("--workspace <NAME>", "only this workspace (default: all)", text))
    .addOption(new Option("--json", "NDJSON, and errors as JSON, also on a terminal"))
    .addHelpText("after", verifyHelp)
    .action((flags: VerifyFlags & Pick<ConnectionFlags, "json">) =>
      run(flags, async (context) => {
        const { verify } = await import("../commands/verify.js");
        await verify(context, flags);
      }),
    );
}
