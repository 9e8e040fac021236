import { InvalidArgumentError } from "commander";

/** The largest number that the contract can carry. */
const maxInt64 = 2n ** 63n - 1n;

/** A revision: 0 or more. */
export function parseRevision(text: string): bigint {
  return parseWhole(text, 0n, "a revision, 0 or more");
}

/** A position to start or end at: 1 or more. */
export function parsePosition(text: string): bigint {
  return parseWhole(text, 1n, "a position, 1 or more");
}

/** A position to go on after: 0 or more, where 0 is before the first event. */
export function parseAfter(text: string): bigint {
  return parseWhole(text, 0n, "a position, 0 or more");
}

/** How many at most: 1 or more. */
export function parseLimit(text: string): bigint {
  return parseWhole(text, 1n, "a number, 1 or more");
}

/** The state that a stream is expected to be in. */
export function parseExpect(text: string): "no-stream" | "exists" | bigint {
  if (text === "no-stream" || text === "exists") return text;
  return parseWhole(text, 0n, '"no-stream", "exists", or a revision, 0 or more');
}

function parseWhole(text: string, min: bigint, meaning: string): bigint {
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value < min || value > maxInt64) {
    throw new InvalidArgumentError(`It must be ${meaning}.`);
  }
  return value;
}
