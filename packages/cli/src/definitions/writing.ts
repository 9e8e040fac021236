import type { Command } from "commander";
import type { AppendFlags } from "../commands/append.js";
import { parseExpect } from "../options/numbers.js";
import { collect, parseJsonObject, parseJsonText, parseUuid } from "../options/values.js";
import { type ConnectionFlags, define, option, type RunCommand } from "./define.js";
import { text } from "./shared-options.js";

const importHelp = `
Each line is one event, as "varve export" prints it:
  {"stream":"permit-891","type":"permit.Filed","data":{},"metadata":{},"tags":[],"id":"UUID"}
Only stream and type are required. Data that is not JSON is given as "dataBase64" and
"contentType". Data is stored as it stands in the line; numbers in metadata keep the
precision of a double.

The order of the lines is their order in the log. A line is known by its id, or, without
one, by everything in the file up to and including it: to run an import again, also after
it was cut off or after the file has grown, stores nothing twice for as long as the server
remembers append ids (24 hours, if it is not set otherwise).`;

/** Adds the commands that store events. */
export function defineWriting(program: Command, run: RunCommand): void {
  defineAppend(program, run);
  defineImport(program, run);
}

function defineAppend(program: Command, run: RunCommand): void {
  define(program, "append <STREAM>", "store one event", [
    option<string>(
      "--type <TYPE>",
      "what happened, such as order.Shipped",
      text,
    ).makeOptionMandatory(),
    option("--data <JSON>", "the payload (default: {})", parseJsonText),
    option("--metadata <JSON>", "a JSON object (default: {})", parseJsonObject),
    option("--tag <TAG>", "a label; may be repeated", collect),
    option(
      "--expect <STATE>",
      "store only if the stream is so: no-stream, exists, or its last revision",
      parseExpect,
    ),
    option(
      "--id <UUID>",
      "id of the event; the same command again then stores nothing twice",
      parseUuid,
    ),
  ]).action((stream: string, flags: AppendFlags & ConnectionFlags) =>
    run(flags, async (context) => {
      const { append } = await import("../commands/append.js");
      await append(context, stream, flags);
    }),
  );
}

function defineImport(program: Command, run: RunCommand): void {
  define(
    program,
    "import [FILE]",
    'store the events of an NDJSON file; "-" or none: of standard input',
  )
    .addHelpText("after", importHelp)
    .action((file: string | undefined, flags: ConnectionFlags) =>
      run(flags, async (context) => {
        const { importEvents } = await import("../commands/import.js");
        await importEvents(context, file ?? "-");
      }),
    );
}
