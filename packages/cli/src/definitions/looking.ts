import type { Command } from "commander";
import type { SaveSnapshotFlags } from "../commands/snapshot.js";
import type { StreamsFlags } from "../commands/streams.js";
import { parseRevision } from "../options/numbers.js";
import {
  type ConnectionFlags,
  define,
  defineForServer,
  option,
  type RunCommand,
  type RunMaintenance,
  required,
} from "./define.js";
import { contentTypeOption, text } from "./shared-options.js";

const streamsHelp = `
Examples:
  varve streams
  varve streams --prefix order- --json | jq -r .stream`;

const snapshotHelp = `
A snapshot is a saved state of a stream, so that the events before it need not be read again: a
cache, never the truth. A stream has one, the latest.

Examples:
  varve snapshot get order-42
  varve snapshot save order-42 --revision 17 --schema-type order/3 --data @state.json`;

/** Adds the commands that tell what there is. */
export function defineLooking(
  program: Command,
  run: RunCommand,
  runMaintenance: RunMaintenance,
): void {
  define(program, "streams", "list the streams by name", [
    option<string>("--prefix <TEXT>", "only names that start with this", text),
  ])
    .addHelpText("after", streamsHelp)
    .action((flags: StreamsFlags & ConnectionFlags) =>
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
  defineSnapshot(program, run);
  defineForServer(program, "workspaces", "list the workspaces by name").action(
    (flags: ConnectionFlags) =>
      runMaintenance(flags, async (context) => {
        const { workspaces } = await import("../commands/workspaces.js");
        await workspaces(context);
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

function defineSnapshot(program: Command, run: RunCommand): void {
  const snapshot = program
    .command("snapshot")
    .description("print or save the snapshot of a stream")
    .addHelpText("after", snapshotHelp);
  define(snapshot, "get <STREAM>", "print the latest snapshot of a stream").action(
    (stream: string, flags: ConnectionFlags) =>
      run(flags, async (context) => {
        const { getSnapshot } = await import("../commands/snapshot.js");
        await getSnapshot(context, stream);
      }),
  );
  define(snapshot, "save <STREAM>", "save a state of a stream", [
    required(
      option("--revision <N>", "revision of the last event that the state includes", parseRevision),
    ),
    required(
      option<string>("--schema-type <NAME>", "the shape of the state, such as order/3", text),
    ),
    required(
      option<string>(
        "--data <JSON>",
        "the state; @FILE: a file's content; -: standard input",
        text,
      ),
    ),
    contentTypeOption(),
  ]).action((stream: string, flags: SaveSnapshotFlags & ConnectionFlags) =>
    run(flags, async (context) => {
      const { saveSnapshot } = await import("../commands/snapshot.js");
      await saveSnapshot(context, stream, flags);
    }),
  );
}
