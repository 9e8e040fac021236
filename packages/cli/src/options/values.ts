import { parseAddress as parseServerAddress } from "@varve/client/address";
import { InvalidArgumentError } from "commander";
import { isUuid } from "./kinds.js";

/** Where commands look for a server that is not told of. */
export const defaultAddress = "127.0.0.1:4270";

/** Gathers an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** Types to choose by: whole ones, or what they begin with, before a `*`. */
export function collectType(value: string, earlier: readonly string[] | undefined): string[] {
  if (value.slice(0, -1).includes("*")) {
    throw new InvalidArgumentError('"*" may stand only at the end, for whatever follows.');
  }
  return collect(notEmpty(value), earlier);
}

/** Gathers names of which none is empty. */
export function collectName(value: string, earlier: readonly string[] | undefined): string[] {
  return collect(notEmpty(value), earlier);
}

/** A name that chooses something. */
export function notEmpty(value: string): string {
  if (value === "") throw new InvalidArgumentError("It must not be empty.");
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
