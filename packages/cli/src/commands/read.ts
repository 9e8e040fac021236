import type { CommandContext } from "../context.js";
import { streamNotFound } from "../exit.js";
import { type FilterFlags, filterOf } from "../options/filter.js";
import { given } from "../options/given.js";
import { createEventPrinter, type PrintFlags } from "../output/event-printer.js";
import { sayNothing } from "../output/nothing.js";

export interface ReadFlags extends Pick<FilterFlags, "type" | "tag">, PrintFlags {
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
  const { from, to, backwards, limit, asOf, type, tag } = flags;
  const filter = filterOf(given({ type, tag }));
  const answer = context.client.read(stream, given({ from, to, backwards, limit, asOf, filter }));
  const { exists, head } = await answer.header;
  if (!exists) throw streamNotFound(stream, asOf, head);
  const { print, flush } = await createEventPrinter(context, flags);
  let events = 0;
  for await (const event of answer) {
    events += 1;
    await print(event);
  }
  await flush();
  if (events === 0) await sayNothing(context, "No event of the stream matches.");
}
