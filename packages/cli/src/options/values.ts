import type { JsonObject } from "@varve/client";
import { parseAddress as parseServerAddress } from "@varve/client/address";
import { InvalidArgumentError } from "commander";
import { isJsonObject, isUuid } from "./kinds.js";

/** Where commands look for a server that is not told of. */
export const defaultAddress = "127.0.0.1:4270";

/** Gathers an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** JSON of any kind, kept as the text it was given as, so that no number loses a digit. */
export function parseJsonText(text: string): string {
  parseJson(text);
  return text.trim();
}

/** A JSON object. */
export function parseJsonObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new InvalidArgumentError("It must be a JSON object.");
  return value;
}

/** A UUID, in any case. */
export function parseUuid(text: string): string {
  if (!isUuid(text)) {
    throw new InvalidArgumentError(
      "It must be a UUID, such as 0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a.",
    );
  }
  return text;
}

/**
 * Where a server listens, as the SDK reads it. Empty, as an unset variable may be, means
 * the earlier value.
 */
export function parseAddress(text: string, earlier: string): string {
  if (text === "") return earlier;
  try {
    return parseServerAddress(text).text;
  } catch (error) {
    throw new InvalidArgumentError(`${(error as TypeError).message}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}`);
  }
}
