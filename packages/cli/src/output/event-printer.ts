import type { RecordedEvent } from "@varve/client";
import type { CommandContext } from "../context.js";
import { createPaint } from "./colours.js";
import { eventJson } from "./event-json.js";
import { createEventLine } from "./event-line.js";

/** Prints one event; await it before the next. */
export type EventPrinter = (event: RecordedEvent) => Promise<void> | undefined;

/** Prints events for people on a terminal, and as NDJSON elsewhere. */
export function createEventPrinter({ out, isTerminal }: CommandContext): EventPrinter {
  if (!isTerminal) return (event) => out.line(eventJson(event));
  const eventLine = createEventLine(createPaint(out.colours));
  return (event) => out.line(eventLine(event, out.columnsChars));
}
