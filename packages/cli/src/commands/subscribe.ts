import type { SubscribeOptions, SubscriptionFrame } from "@varve/client";
import type { CommandContext } from "../context.js";
import { type FilterFlags, filterOf } from "../options/filter.js";
import { given } from "../options/given.js";
import { createEventPrinter, type PrintFlags } from "../output/event-printer.js";
import { createFrameNotes } from "../output/frame-notes.js";

export interface SubscribeFlags extends FilterFlags, PrintFlags {
  readonly after?: bigint;
  readonly fromEnd?: boolean;
}

/** Prints events as they come, until SIGINT or SIGTERM; then says where to go on. */
export async function subscribe(context: CommandContext, flags: SubscribeFlags): Promise<void> {
  const { client, out, err, takeInterrupts } = context;
  const interrupted = takeInterrupts();
  const printer = await createEventPrinter(context, flags);
  const note = createFrameNotes(err);
  let position = flags.fromEnd ? undefined : (flags.after ?? 0n);
  const handle = async (frame: SubscriptionFrame): Promise<void> => {
    for (const event of frame.kind === "events" ? frame.events : []) {
      if (interrupted.aborted) return;
      await printer.print(event);
      position = event.position;
    }
    await printer.flush();
    // Finds out that nobody reads any more now, and not at the next event.
    await out.flush();
    await note(frame);
    position = frame.position;
  };
  try {
    const options = { ...subscribeOptions(flags), signal: interrupted };
    for await (const frame of client.subscribe(options).frames()) await handle(frame);
  } catch (error) {
    // The client ends quietly, but what was cut short on the way may not.
    if (!interrupted.aborted) throw error;
  }
  await out.flush();
  await err.line(farewell(position));
}

function subscribeOptions(flags: SubscribeFlags): SubscribeOptions {
  const after = flags.after === undefined ? undefined : { after: flags.after };
  const start = flags.fromEnd ? "end" : after;
  return given({ filter: filterOf(flags), start });
}

function farewell(position: bigint | undefined): string {
  if (position === undefined) return "Stopped before the subscription stood.";
  return `Stopped. To go on from here, with the same options: varve subscribe --after ${position}`;
}
