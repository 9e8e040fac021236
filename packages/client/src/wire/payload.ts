import type { JsonValue } from "../types.js";

const JSON_TYPE = "application/json";
const BYTES_TYPE = "application/octet-stream";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Data as it is stored. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/**
 * Bytes are kept as they are; anything else becomes JSON. Throws `TypeError` for
 * what JSON cannot express, and for a value that is not bytes under a content
 * type that is not JSON.
 */
export function encodePayload(
  data: JsonValue | Uint8Array,
  contentType: string | undefined,
  name: string,
): Payload {
  if (data instanceof Uint8Array) {
    // A copy: the bytes may be sent, and sent again, long after the caller reused its buffer.
    return { bytes: Uint8Array.from(data), contentType: contentType ?? BYTES_TYPE };
  }
  const type = contentType ?? JSON_TYPE;
  if (!isJson(type)) {
    throw new TypeError(`${name} must be bytes, since its content type ${type} is not JSON`);
  }
  return { bytes: encoder.encode(toJson(data, name)), contentType: type };
}

/** Text of a JSON value. Throws `TypeError` for what JSON cannot express. */
export function toJson(value: unknown, name: string): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) {
    throw new TypeError(`${name} must be a JSON value, but is a ${typeof value}`);
  }
  return text;
}

/** The value if the content type is JSON, otherwise the bytes. May throw `SyntaxError`. */
export function decodePayload(bytes: Uint8Array, contentType: string): unknown {
  return isJson(contentType) ? parseJson(bytes) : bytes;
}

/** The value that the text of some bytes says. Throws `SyntaxError`. */
export function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/** What an empty content type stands for. */
export function effectiveContentType(contentType: string): string {
  return contentType === "" ? JSON_TYPE : contentType;
}

/** Whether a content type is JSON: `application/json` or anything that ends in `+json`. */
export function isJson(contentType: string): boolean {
  // Nearly every event takes this way out.
  if (contentType === JSON_TYPE || contentType === "") return true;
  const essence = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  return essence === JSON_TYPE || essence.endsWith("+json");
}
