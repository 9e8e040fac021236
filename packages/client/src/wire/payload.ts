import { checkString } from "./checks.js";
import { toJson } from "./json.js";
import { type Place, pathTo } from "./place.js";

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
 * Bytes are kept as they are; anything else becomes JSON. `place` is what has the data,
 * for errors. Throws `TypeError` for what JSON cannot say, and for a value that is not
 * bytes under a content type that is not JSON.
 */
export function encodePayload(
  data: unknown,
  contentType: string | undefined,
  place: Place,
): Payload {
  if (data instanceof Uint8Array) {
    // A copy: the bytes may be sent, and sent again, long after the caller reused its buffer.
    return { bytes: Uint8Array.from(data), contentType: typeOf(contentType, BYTES_TYPE, place) };
  }
  const type = typeOf(contentType, JSON_TYPE, place);
  if (!isJson(type)) {
    const path = pathTo(place, ".data");
    throw new TypeError(`${path} must be bytes, since its content type ${type} is not JSON`);
  }
  return { bytes: encoder.encode(toJson(data, place, ".data")), contentType: type };
}

function typeOf(contentType: string | undefined, otherwise: string, place: Place): string {
  return contentType === undefined ? otherwise : checkString(contentType, place, ".contentType");
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
