import type { RecordedEvent } from "@varve/client";
import type { Paint } from "./colours.js";
import { dataText, metadataText, type StoredData } from "./event-json.js";
import { countOf, formatTime } from "./format.js";
import { spacedJson } from "./json-layout.js";
import { printable } from "./printable.js";
import { padEnd, widthOf, wrapAtMost } from "./wrap.js";

/** Columns are this wide at least, and as wide as what they hold, up to the second number. */
const widthsChars = { position: [6, 19], stream: [12, 40], type: [12, 44] } as const;

type Column = keyof typeof widthsChars;

/** Of the data, and of the metadata, so much is shown; `--long` shows all. */
const linesMax = 8;

/** Formats events for people. */
export interface EventLines {
  /** Makes the columns as wide as an event needs them that is yet to be formatted. */
  measure(event: RecordedEvent): void;
  /** One line if it fits, or else more of them below it. */
  format(event: RecordedEvent, columnsChars: number): string;
}

/**
 * Formats events for people: place, time, stream and type in columns, then tags, data and
 * metadata. What has no room in the line goes below it, broken between words.
 */
export function createEventLines(paint: Paint): EventLines {
  const widths: Record<Column, number> = { position: 0, stream: 0, type: 0 };
  const widen = (column: Column, text: string): void => {
    const [min, max] = widthsChars[column];
    widths[column] = Math.max(min, widths[column], Math.min(widthOf(text), max));
  };
  const measure = (event: RecordedEvent): void => {
    const texts = columnsOf(event);
    for (const column of ["position", "stream", "type"] as const) widen(column, texts[column]);
  };
  return {
    measure,
    format(event, columnsChars) {
      measure(event);
      const { position, stream, type } = columnsOf(event);
      const columns = [
        paint("place", position.padStart(widths.position)),
        paint("time", formatTime(event.recordedAt)),
        paint("stream", padEnd(stream, widths.stream)),
        paint("type", padEnd(type, widths.type)),
      ].join(" ");
      return withContent(columns, event, { paint, columnsChars, indent: widths.position + 1 });
    },
  };
}

interface Room {
  readonly paint: Paint;
  readonly columnsChars: number;
  /** Where lines below the first begin. */
  readonly indent: number;
}

function withContent(columns: string, event: RecordedEvent, room: Room): string {
  const { paint, columnsChars, indent } = room;
  const { tags, data, metadata } = contentOf(event);
  const whole = [columns, paint("tag", tags), data, paint("minor", metadata)];
  const line = whole.filter((part) => part !== "").join(" ");
  if (widthOf(line) <= columnsChars) return line;
  const first = tags === "" ? columns : `${columns} ${paint("tag", tags)}`;
  const tagsFit = widthOf(first) <= columnsChars;
  const below = (text: string, show: (line: string) => string): string[] => {
    if (text === "") return [];
    const lines = wrapAtMost(text, columnsChars - indent, linesMax);
    return lines.map((each) => " ".repeat(indent) + show(each));
  };
  return [
    tagsFit ? first : columns,
    ...below(tagsFit ? "" : tags, (each) => paint("tag", each)),
    ...below(data, (each) => each),
    ...below(metadata, (each) => paint("minor", each)),
  ]
    .map((each) => each.trimEnd())
    .join("\n");
}

function columnsOf({ position, stream, revision, type }: RecordedEvent): Record<Column, string> {
  return {
    position: String(position),
    stream: printable(`${stream}@${revision}`),
    type: printable(type),
  };
}

function contentOf(event: RecordedEvent): { tags: string; data: string; metadata: string } {
  const data = dataText(event);
  const metadata = spacedJson(metadataText(event));
  return {
    tags: printable(event.tags.map((tag) => `#${tag}`).join(" ")),
    data: printable(data === undefined ? bytesNote(event) : spacedJson(data)),
    metadata: metadata === "{}" ? "" : printable(`metadata: ${metadata}`),
  };
}

/** What stands for data that is not JSON. */
export function bytesNote({ bytes, contentType }: StoredData): string {
  return `<${countOf(bytes.length, "byte")} of ${contentType}>`;
}
