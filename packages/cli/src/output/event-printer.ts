import type { RecordedEvent } from "@varve/client";
import type { CommandContext } from "../context.js";
import { eventJson } from "./event-json.js";
import type { EventLines } from "./event-line.js";

/** Prints events. Await each call before the next. */
export interface EventPrinter {
  print(event: RecordedEvent): Promise<void> | undefined;
  /** Prints what was held back; to be called when no more events come for now. */
  flush(): Promise<void>;
}

/** How events are printed. */
export interface PrintFlags {
  /** Every field on a line of its own, also in a pipe. */
  readonly long?: boolean;
}

/** So many events decide how wide the columns are, before the first of them is printed. */
const measuredEvents = 200;

/** Prints each event as a line, such as NDJSON. */
export function linePrinter(
  { out }: Pick<CommandContext, "out">,
  lineOf: (event: RecordedEvent) => string,
): EventPrinter {
  return { print: (event) => out.line(lineOf(event)), flush: async () => {} };
}

/** Prints events for people on a terminal, and as NDJSON elsewhere. */
export async function createEventPrinter(
  context: CommandContext,
  { long = false }: PrintFlags,
): Promise<EventPrinter> {
  if (!long && !context.isTerminal) return linePrinter(context, eventJson);
  // What wraps text for people is loaded for people only.
  const { createPaint } = await import("./colours.js");
  const { out } = context;
  const paint = createPaint(out.colours);
  if (long) {
    const { eventLong } = await import("./event-long.js");
    return linePrinter(context, (event) => eventLong(event, paint, out.columnsChars));
  }
  return tablePrinter(context, (await import("./event-line.js")).createEventLines(paint));
}

function tablePrinter({ out }: CommandContext, lines: EventLines): EventPrinter {
  let held: RecordedEvent[] | undefined = [];
  const flush = async (): Promise<void> => {
    const events = held ?? [];
    // From now on the columns are as they are.
    if (events.length > 0) held = undefined;
    for (const event of events) lines.measure(event);
    for (const event of events) await out.line(lines.format(event, out.columnsChars));
  };
  const print = (event: RecordedEvent): Promise<void> | undefined => {
    if (!held) return out.line(lines.format(event, out.columnsChars));
    held.push(event);
    return held.length < measuredEvents ? undefined : flush();
  };
  return { print, flush };
}
