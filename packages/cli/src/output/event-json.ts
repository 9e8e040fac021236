import type { RecordedEvent } from "@varve/client";

const defaultContentType = "application/json";

/**
 * One event as a line of NDJSON, with everything the store knows of it. JSON
 * data is printed as it is stored, so that no number loses a digit.
 */
export function eventJson(event: RecordedEvent): string {
  const place = `"position":"${event.position}","revision":"${event.revision}"`;
  const recordedAt = `"recordedAt":"${event.recordedAt.toISOString()}"`;
  return `{${place},${streamIdType(event)},${recordedAt},${payload(event)}}`;
}

/** One event as a line that `import` reads back: without its place and time. */
export function exportJson(event: RecordedEvent): string {
  return `{${streamIdType(event)},${payload(event)}}`;
}

/** The data as JSON text on one line, or `undefined` if it is not JSON. */
export function dataText(event: RecordedEvent): string | undefined {
  try {
    // The client parses what the content type calls JSON, and throws if it is not.
    if (event.data instanceof Uint8Array) return undefined;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(event.bytes);
    // In valid JSON a line break stands only where a space may.
    return text.trim().replaceAll(/[\r\n]/g, " ");
  } catch {
    return undefined;
  }
}

function streamIdType(event: RecordedEvent): string {
  const { stream, id, type } = event;
  return `"stream":${JSON.stringify(stream)},"id":"${id}","type":${JSON.stringify(type)}`;
}

function payload(event: RecordedEvent): string {
  const metadata = JSON.stringify(event.metadata);
  return `${data(event)},"metadata":${metadata},"tags":${JSON.stringify(event.tags)}`;
}

function data(event: RecordedEvent): string {
  const text = dataText(event);
  const contentType =
    event.contentType === defaultContentType
      ? ""
      : `,"contentType":${JSON.stringify(event.contentType)}`;
  const encoded =
    text === undefined
      ? `"dataBase64":"${Buffer.from(event.bytes).toString("base64")}"`
      : `"data":${text}`;
  return encoded + contentType;
}
