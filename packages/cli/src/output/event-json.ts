import type { RecordedEvent } from "@varve/client";

const defaultContentType = "application/json";

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
export function dataText(event: RecordedEvent): string | undefined {
  const text = jsonText(event);
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

function jsonText(event: RecordedEvent): string | undefined {
  try {
    // The client parses what the content type calls JSON, and throws if it is not.
    if (event.data instanceof Uint8Array) return undefined;
    return strictDecoder.decode(event.bytes);
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

function dataMembers({ bytes, contentType }: RecordedEvent, text: string | undefined): string {
  const type =
    contentType === defaultContentType ? "" : `,"contentType":${JSON.stringify(contentType)}`;
  if (text !== undefined) return `"data":${text}${type}`;
  return `"dataBase64":"${Buffer.from(bytes).toString("base64")}"${type}`;
}
