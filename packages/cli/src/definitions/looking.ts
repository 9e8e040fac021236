import type { Command } from "commander";
import type { StreamsFlags } from "../commands/streams.js";
import { type ConnectionFlags, define, option, type RunCommand } from "./define.js";
import { text } from "./shared-options.js";

/** Adds the commands that tell what there is. */
export function defineLooking(program: Command, run: RunCommand): void {
  define(program, "streams", "list the streams by name", [
    option<string>("--prefix <TEXT>", "only names that start with this", text),
  ]).action((flags: StreamsFlags & ConnectionFlags) =>
    run(flags, async (context) => {
      const { streams } = await import("../commands/streams.js");
      await streams(context, flags);
    }),
  );
  define(program, "stream <STREAM>", "describe a stream").action(
    (name: string, flags: ConnectionFlags) =>
      run(flags, async (context) => {
        const { stream } = await import("../commands/stream.js");
        await stream(context, name);
      }),
  );
  define(program, "status", "describe the server and the workspace").action(
    (flags: ConnectionFlags) =>
      run(flags, async (context) => {
        const { status } = await import("../commands/status.js");
        await status(context);
      }),
  );
}
