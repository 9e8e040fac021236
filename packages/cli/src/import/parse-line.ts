import { isUtf8 } from "node:buffer";
import type { JsonObject, NewStreamEvent } from "@varve/client";
import { defaultContentType, isJsonObject, isJsonType, isUuid } from "../options/kinds.js";
import { BadLineError } from "./bad-line.js";
import { memberTexts } from "./member-text.js";

const members = ["stream", "type", "data", "dataBase64", "contentType", "metadata", "tags", "id"];

// Where the event stood in another log. A server gives it a new place.
const places = ["position", "revision", "recordedAt"];

const known = new Set([...members, ...places]);

/** What a line says. */
export interface ParsedLine {
  readonly event: LineEvent;
  /** Its position in the log that it was printed from, if the line says it. */
  readonly position?: string;
  /** When it was recorded there, if the line says it; not yet checked. */
  readonly recordedAt?: unknown;
}

/** An event as a line has it: data and metadata are the text that stands there. */
export interface LineEvent extends NewStreamEvent {
  readonly data: Buffer;
  readonly contentType: string;
  readonly metadata?: Buffer;
}

/**
 * The event that a line describes; without an `id` if the line has none. Throws
 * `BadLineError`. Names and sizes are left for the server to check.
 */
export function parseLine(line: Buffer): ParsedLine {
  if (!isUtf8(line)) throw new BadLineError("it is not valid UTF-8");
  const text = line.toString("utf8");
  const object = parseObject(text);
  const texts = memberTexts(text);
  const event = {
    stream: requiredText(object, "stream"),
    type: requiredText(object, "type"),
    ...payloadOf(object, texts.get("data")),
    ...(object.metadata !== undefined && { metadata: metadataOf(object, texts) }),
    ...(object.tags !== undefined && { tags: tagsOf(object.tags) }),
    ...(object.id !== undefined && { id: idOf(object.id) }),
  };
  const { position, recordedAt } = object;
  return {
    event,
    ...(position !== undefined && { position: String(position) }),
    ...(recordedAt !== undefined && { recordedAt }),
  };
}

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new BadLineError("it is not a JSON object");
  const unknown = Object.keys(value).find((name) => !known.has(name));
  // Left out silently, it would be lost for good.
  if (unknown !== undefined) {
    throw new BadLineError(`${JSON.stringify(unknown)} is not a member of an event`);
  }
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadLineError(`it is not JSON: ${(error as Error).message}`);
  }
}

function payloadOf(
  object: JsonObject,
  json: string | undefined,
): Pick<LineEvent, "data" | "contentType"> {
  const contentType = optionalText(object, "contentType") ?? defaultContentType;
  const base64 = optionalText(object, "dataBase64");
  if (base64 !== undefined && json !== undefined) {
    throw new BadLineError('it has both "data" and "dataBase64"');
  }
  if (base64 !== undefined) return { data: decodeBase64(base64), contentType };
  if (!isJsonType(contentType)) {
    throw new BadLineError(`"data" is JSON, but ${contentType} is not: give "dataBase64"`);
  }
  return { data: Buffer.from(json ?? "{}"), contentType };
}

function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  // Buffer passes over what is not base64.
  if (bytes.toString("base64") !== text) throw new BadLineError('"dataBase64" is not base64');
  return bytes;
}

function metadataOf({ metadata }: JsonObject, texts: ReadonlyMap<string, string>): Buffer {
  if (!isJsonObject(metadata)) throw new BadLineError('"metadata" is not a JSON object');
  return Buffer.from(texts.get("metadata") ?? "");
}

function tagsOf(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every(isText)) {
    throw new BadLineError('"tags" is not an array of strings');
  }
  return value;
}

function idOf(value: unknown): string {
  if (!isText(value) || !isUuid(value)) throw new BadLineError('"id" is not a UUID');
  return value;
}

function requiredText(object: JsonObject, name: string): string {
  const value = optionalText(object, name);
  if (value === undefined) throw new BadLineError(`"${name}" is missing`);
  if (value === "") throw new BadLineError(`"${name}" is empty`);
  return value;
}

function optionalText(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  if (value !== undefined && !isText(value)) throw new BadLineError(`"${name}" is not a string`);
  return value;
}

/** Half a surrogate pair cannot be sent as UTF-8. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}
