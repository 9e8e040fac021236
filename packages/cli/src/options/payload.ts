import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { wrongUse } from "../exit.js";
import { defaultContentType, isJsonObject, isJsonType } from "./kinds.js";

/** What an option says, and its name for messages. */
export interface PayloadWord {
  /** Such as `--data`. */
  readonly option: string;
  /** The text itself, `@FILE` for what a file holds, or `-` for standard input. */
  readonly word: string;
}

/** Data as it is to be stored. */
export interface Payload {
  readonly data: Buffer;
  readonly contentType: string;
}

/**
 * Reads the data that an option gives. JSON is checked, and kept as the text it is given
 * as, so that no number loses a digit; without the space around it. Throws wrong use.
 */
export async function readPayload(
  input: Readable,
  given: PayloadWord,
  contentType: string = defaultContentType,
): Promise<Payload> {
  const data = await readWord(input, given);
  if (!isJsonType(contentType)) return { data, contentType };
  return { data: jsonOf(given, data).bytes, contentType };
}

/** The same of a JSON object. */
export async function readJsonObject(input: Readable, given: PayloadWord): Promise<Buffer> {
  const { bytes, value } = jsonOf(given, await readWord(input, given));
  if (!isJsonObject(value)) throw wrongUse(`${given.option} must be a JSON object.`);
  return bytes;
}

/** Standard input can be read once. Throws wrong use. */
export function checkOneInput(words: readonly (string | undefined)[]): void {
  if (words.filter((word) => word === "-").length > 1) {
    throw wrongUse('Standard input, "-", can be read once.');
  }
}

async function readWord(input: Readable, { option, word }: PayloadWord): Promise<Buffer> {
  if (word === "-") return buffer(input);
  if (!word.startsWith("@")) return Buffer.from(word);
  const file = word.slice(1);
  try {
    return await readFile(file);
  } catch (error) {
    throw wrongUse(`${option}: the file ${file} cannot be read: ${(error as Error).message}.`);
  }
}

function jsonOf({ option }: PayloadWord, bytes: Buffer): { bytes: Buffer; value: unknown } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
    return { value: JSON.parse(text), bytes: Buffer.from(text) };
  } catch (error) {
    throw wrongUse(`${option} is not JSON: ${(error as Error).message}.`);
  }
}
