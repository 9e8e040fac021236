import type { RecordedEvent } from "@varve/client";
import type { Paint } from "./colours.js";
import { dataText } from "./event-json.js";

/** Columns start this wide and grow with what they hold, up to the limit. */
const initialWidthsChars = { position: 6, stream: 16, type: 20 };
const maxWidthChars = 48;

export type EventLine = (event: RecordedEvent, columnsChars: number) => string;

/**
 * Formats events for people, one line each. Columns line up with those of the
 * lines before; what does not fit the terminal is cut.
 */
export function createEventLine(paint: Paint): EventLine {
  const widths = { ...initialWidthsChars };
  const width = (column: keyof typeof widths, text: string): number => {
    widths[column] = Math.min(Math.max(widths[column], text.length), maxWidthChars);
    return widths[column];
  };
  const pad = (column: keyof typeof widths, text: string) => text.padEnd(width(column, text));
  return (event, columnsChars) => {
    const number = String(event.position);
    const position = number.padStart(width("position", number));
    const time = formatTime(event.recordedAt);
    const stream = pad("stream", printable(`${event.stream}@${event.revision}`));
    const type = pad("type", printable(event.type));
    const left = [position, time, stream, type].join(" ").length + 1;
    const rest = cut(printable(content(event)), columnsChars - left);
    const painted = [paint("place", position), paint("time", time), paint("stream", stream)];
    return [...painted, paint("type", type), rest].join(" ").trimEnd();
  };
}

/** A time for people: UTC, to the millisecond. */
export function formatTime(time: Date): string {
  return time.toISOString().replace("T", " ");
}

/** The text without control characters, which could make a terminal do things. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "\ufffd");
}

function content(event: RecordedEvent): string {
  const data = dataText(event) ?? `<${event.bytes.length} bytes of ${event.contentType}>`;
  return [data, ...event.tags.map((tag) => `#${tag}`)].join(" ");
}

function cut(text: string, widthChars: number): string {
  if (text.length <= widthChars) return text;
  return widthChars < 2 ? "" : `${text.slice(0, widthChars - 1).toWellFormed()}…`;
}
