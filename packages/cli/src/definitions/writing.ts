import type { Command } from "commander";
import type { AppendFlags } from "../commands/append.js";
import { parseExpect } from "../options/numbers.js";
import { collect, parseUuid } from "../options/values.js";
import { type ConnectionFlags, define, option, type RunCommand, required } from "./define.js";
import { contentTypeOption, text } from "./shared-options.js";

const importHelp = `
Each line is one event, as "varve export" prints it:
  {"stream":"permit-891","type":"permit.Filed","data":{},"metadata":{},"tags":[],"id":"UUID"}
Only stream and type are required. Data that is not JSON is given as "dataBase64" and
"contentType". Data and metadata are stored as they stand in the line, with every digit.
"position", "revision" and "recordedAt" are of the log that a line was exported from: events get
new ones (to keep the times: varve restore --from-lines).

The order of the lines is their order in the log. A line is known by its id, and by its
position if it says one; without an id by everything in the file up to and including it. To
run an import again, also after it was cut off or after the file has grown, stores nothing
twice for as long as the server remembers append ids (24 hours, if it is not set otherwise).

Examples:
  varve import events.ndjson
  zcat events.ndjson.gz | varve import --workspace copy -`;

const appendHelp = `
Data and metadata can be given as they are, as @FILE for what a file holds, or as - for standard
input. Data is stored with every digit; with another --content-type than JSON, as the bytes that
it is.

Examples:
  varve append order-42 --type order.Placed --data '{"total": 99}' --tag customer:42
  varve append order-42 --type order.Shipped --expect 0
  varve append order-42 --type order.Signed --data @contract.pdf --content-type application/pdf
  jq .order mail.json | varve append order-43 --type order.Placed --data -`;

/** Adds the commands that store events. */
export function defineWriting(program: Command, run: RunCommand): void {
  defineAppend(program, run);
  defineImport(program, run);
}

function defineAppend(program: Command, run: RunCommand): void {
  define(program, "append <STREAM>", "store one event", [
    required(option<string>("--type <TYPE>", "what happened, such as order.Shipped", text)),
    option<string>("--data <JSON>", "the payload, @FILE or - (default: {})", text),
    contentTypeOption(),
    option<string>("--metadata <JSON>", "a JSON object, @FILE or - (default: {})", text),
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
  ])
    .addHelpText("after", appendHelp)
    .action((stream: string, flags: AppendFlags & ConnectionFlags) =>
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
