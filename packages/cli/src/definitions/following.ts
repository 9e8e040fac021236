import { type Command, Option } from "commander";
import type { SubscribeFlags } from "../commands/subscribe.js";
import { parseAfter } from "../options/numbers.js";
import { type ConnectionFlags, define, option, type RunCommand } from "./define.js";
import { filterOptions, longOption, streamOption } from "./shared-options.js";

const subscribeHelp = `
Examples:
  varve subscribe --type 'order.*'
  varve subscribe --stream order-42 --from-end
  varve subscribe --after 5000 --json | jq -c .data`;

/** Adds the command that follows the log. */
export function defineFollowing(program: Command, run: RunCommand): void {
  define(program, "subscribe", "print events as they come, until interrupted", [
    streamOption(),
    ...filterOptions(),
    option("--after <P>", "start after this position (default: 0, the beginning)", parseAfter),
    new Option("--from-end", "start with the next event that is recorded").conflicts("after"),
    longOption(),
  ])
    .addHelpText("after", subscribeHelp)
    .action((flags: SubscribeFlags & ConnectionFlags) =>
      run(flags, async (context) => {
        const { subscribe } = await import("../commands/subscribe.js");
        await subscribe(context, flags);
      }),
    );
}
