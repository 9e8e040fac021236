import type { RecordedEvent } from "@varve/client";
import { defaultContentType } from "../options/kinds.js";

/** Data as it is stored: that of an event, or of a snapshot. */
export type StoredData = Pick<RecordedEvent, "data" | "bytes" | "contentType">;

/**
 * One event as a line of NDJSON, with everything the store knows of it. Data that is JSON,
 * and metadata, are printed as the text that is stored, so that no number loses a digit.
 */
export function eventJson(event: RecordedEvent): string {
  return line(event, dataText(event));
}

/**
 * One event as a line that `import` and `restore` read back: the same, but that data whose
 * bytes would not come back as they are, such as JSON on several lines, is given as base64.
 */
export function exportJson(event: RecordedEvent): string {
  return line(event, exactText(event));
}

/** The data as JSON text on one line, or `undefined` if it is not JSON. */
export function dataText(stored: StoredData): string | undefined {
  const text = jsonText(stored);
  return text && onOneLine(text);
}

/** The metadata as JSON text on one line. */
export function metadataText({ metadataBytes }: RecordedEvent): string {
  return metadataBytes.length === 0 ? "{}" : onOneLine(new TextDecoder().decode(metadataBytes));
}

function exactText(event: RecordedEvent): string | undefined {
  const text = jsonText(event);
  return text === onOneLine(text ?? "") ? text : undefined;
}

/** Without losing anything: a byte order mark is left in its place. */
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function jsonText(stored: StoredData): string | undefined {
  try {
    // The client parses what the content type calls JSON, and throws if it is not.
    if (stored.data instanceof Uint8Array) return undefined;
    return strictDecoder.decode(stored.bytes);
  } catch {
    return undefined;
  }
}

/** In valid JSON a line break stands only where a space may. */
function onOneLine(json: string): string {
  return json.trim().replaceAll(/[\r\n]/g, " ");
}

function line(event: RecordedEvent, data: string | undefined): string {
  const { position, revision, stream, id, type, recordedAt, tags } = event;
  const place = `"position":"${position}","revision":"${revision}"`;
  const what = `"stream":${JSON.stringify(stream)},"id":"${id}","type":${JSON.stringify(type)}`;
  const payload = `${dataMembers(event, data)},"metadata":${metadataText(event)}`;
  const time = recordedAt.toISOString();
  return `{${place},${what},"recordedAt":"${time}",${payload},"tags":${JSON.stringify(tags)}}`;
}

/** The members of a line that tell the data: as `text`, or as base64 if there is none. */
export function dataMembers(stored: StoredData, text: string | undefined): string {
  const { bytes, contentType } = stored;
  const type =
    contentType === defaultContentType ? "" : `,"contentType":${JSON.stringify(contentType)}`;
  if (text !== undefined) return `"data":${text}${type}`;
  return `"dataBase64":"${Buffer.from(bytes).toString("base64")}"${type}`;
}
