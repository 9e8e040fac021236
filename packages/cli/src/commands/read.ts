import type { CommandContext } from "../context.js";
import { streamNotFound } from "../exit.js";
import { given } from "../options/given.js";
import { createEventPrinter } from "../output/event-printer.js";

export interface ReadFlags {
  readonly from?: bigint;
  readonly to?: bigint;
  readonly backwards?: boolean;
  readonly limit?: bigint;
  readonly asOf?: Date;
}

/** Prints the events of one stream. */
export async function read(
  context: CommandContext,
  stream: string,
  flags: ReadFlags,
): Promise<void> {
  const { from, to, backwards, limit, asOf } = flags;
  const answer = context.client.read(stream, given({ from, to, backwards, limit, asOf }));
  const { exists, head } = await answer.header;
  if (!exists) throw streamNotFound(stream, asOf, head);
  const print = createEventPrinter(context);
  for await (const event of answer) await print(event);
}
