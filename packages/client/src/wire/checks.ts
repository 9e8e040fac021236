import { type Place, pathTo } from "./place.js";

const INT64_MAX = 2n ** 63n - 1n;

/**
 * A revision, position or limit as the wire has it. Throws `TypeError` if it
 * is not a number, `RangeError` if it is not whole or out of its range.
 */
export function toInt64(value: bigint | number, name: string, min: bigint): bigint {
  if (typeof value !== "bigint" && typeof value !== "number") {
    throw new TypeError(`${name} must be a bigint or a number, but is ${describe(value)}`);
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${name} must be a whole number, but is ${value}${hintFor(value)}`);
  }
  const whole = BigInt(value);
  if (whole < min || whole > INT64_MAX) {
    throw new RangeError(`${name} must be ${min} or more, and fit in 64 bits, but is ${value}`);
  }
  return whole;
}

/** From 2^53 on a number may stand for its neighbours, too. */
function hintFor(value: number): string {
  return Number.isInteger(value) ? ", which is too large to be exact: give it as a bigint" : "";
}

/** The value itself if it is a whole number in the range; `RangeError` otherwise. */
export function checkInteger(
  value: number,
  name: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
    throw new RangeError(`${name} must be a whole number, ${range}, but is ${describe(value)}`);
  }
  return value;
}

/**
 * The value itself if it is a string that has an encoding; `TypeError` otherwise.
 * Half of a surrogate pair would quietly become another name on the wire.
 */
export function checkString(value: string, place: Place, member: string = ""): string {
  if (typeof value !== "string") {
    throw new TypeError(`${pathTo(place, member)} must be a string, but is ${describe(value)}`);
  }
  if (!value.isWellFormed()) {
    throw new TypeError(`${pathTo(place, member)} must be well-formed Unicode`);
  }
  return value;
}

/** A list of the same strings, each as `checkString` has it; empty if there is none. */
export function checkStrings(
  values: readonly string[] | undefined,
  place: Place,
  member: string = "",
): string[] {
  if (values === undefined) return [];
  if (!Array.isArray(values)) {
    throw new TypeError(`${pathTo(place, member)} must be an array, but is ${describe(values)}`);
  }
  const checked: string[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as string;
    checked.push(isString(value) ? value : checkString(value, pathTo(place, `${member}[${i}]`)));
  }
  return checked;
}

function isString(value: unknown): boolean {
  return typeof value === "string" && value.isWellFormed();
}

/**
 * Throws `TypeError` if the value cannot tell of an abort. It is asked for what a signal does,
 * since one that is of another realm is no instance of this one's class.
 */
export function checkSignal(value: AbortSignal, name: string): void {
  if (isSignal(value)) return;
  const hint = isSignal(Object(value).signal) ? ": pass on the signal of the controller" : "";
  throw new TypeError(`${name} must be an AbortSignal, but is ${describe(value)}${hint}`);
}

function isSignal(value: AbortSignal | null | undefined): boolean {
  return typeof value?.addEventListener === "function" && typeof value.aborted === "boolean";
}

/** What a value is, for an error: "undefined", "null", "3", "a string". */
export function describe(value: unknown): string {
  if (typeof value === "number" || value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
