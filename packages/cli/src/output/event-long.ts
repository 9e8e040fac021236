import type { RecordedEvent } from "@varve/client";
import { defaultContentType } from "../options/kinds.js";
import type { Paint } from "./colours.js";
import { dataText, metadataText, type StoredData } from "./event-json.js";
import { bytesNote } from "./event-line.js";
import { formatTime } from "./format.js";
import { prettyJson } from "./json-layout.js";
import { printable, printableLines } from "./printable.js";
import { wrapLines } from "./wrap.js";

/** Where the values stand, below each other. */
const valueColumn = 14;

/** A name and its value, which may have several lines. */
export type Field = readonly [name: string, value: string];

/** Everything there is of an event, for people; over as many lines as it takes. */
export function eventLong(event: RecordedEvent, paint: Paint, columnsChars: number): string {
  const { position, stream, revision, type, id, recordedAt, tags } = event;
  const fields: Field[] = [
    ["position", String(position)],
    ["stream", stream],
    ["revision", String(revision)],
    ["type", type],
    ["id", id],
    ["recorded at", formatTime(recordedAt)],
    ["tags", tags.length === 0 ? "none" : tags.join("\n")],
    ["metadata", prettyJson(metadataText(event))],
    ...dataFields(event),
  ];
  return `${fieldLines(fields, paint, columnsChars)}\n`;
}

/** Names, and beside each its value, wrapped in a column of its own. */
export function fieldLines(fields: readonly Field[], paint: Paint, columnsChars: number): string {
  const lines = fields.flatMap(([name, value]) =>
    wrapLines(printableLines(value), columnsChars - valueColumn).map((line, i) => {
      const title = (i === 0 ? name : "").padEnd(valueColumn);
      return (paint("minor", title) + line).trimEnd();
    }),
  );
  return lines.join("\n");
}

/** What is stored, and its content type if it is not plain JSON. */
export function dataFields(stored: StoredData): Field[] {
  const { contentType } = stored;
  const json = dataText(stored);
  const data: Field = ["data", json === undefined ? bytesOf(stored) : prettyJson(json)];
  return contentType === defaultContentType ? [data] : [["content type", contentType], data];
}

/** With the text, if that is what the bytes are. */
function bytesOf(stored: StoredData): string {
  const text = textOf(stored);
  const note = printable(bytesNote(stored));
  return text === undefined ? note : `${note}\n${text}`;
}

function textOf({ bytes, contentType }: StoredData): string | undefined {
  if (!/^text\//i.test(contentType)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trimEnd();
  } catch {
    return undefined;
  }
}
