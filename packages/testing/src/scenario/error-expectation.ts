/** A class of errors. */
export type ErrorClass<E extends Error = Error> = abstract new (...args: never[]) => E;

/**
 * What an error must be: of a class; with a message that matches; or what a
 * function makes of it, which refuses by returning false or by throwing.
 */
export type ErrorExpectation = ErrorClass | RegExp | ((error: unknown) => unknown);

/** Whether a value is a class of errors, rather than a function. */
export function isErrorClass(value: unknown): value is ErrorClass {
  if (typeof value !== "function") return false;
  return value === Error || value.prototype instanceof Error;
}

/** Whether an error is what is expected. Throws what a function of the test throws. */
export function matchesError(thrown: unknown, expected: ErrorExpectation): boolean {
  if (expected instanceof RegExp) return expected.test(messageOf(thrown));
  if (isErrorClass(expected)) return thrown instanceof expected;
  return (expected as (error: unknown) => unknown)(thrown) !== false;
}

/** `an OutOfStock that matches /lamp/`. */
export function describeExpected(expected: readonly ErrorExpectation[]): string {
  const kind = expected.find(isErrorClass)?.name ?? "error";
  const rest = expected.filter((part) => !isErrorClass(part)).map(describeRest);
  return [`${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`, ...rest].join(" ");
}

/** `OutOfStock: no lamp is left`. */
export function describeThrown(thrown: unknown): string {
  return thrown instanceof Error ? `${nameOf(thrown)}: ${thrown.message}` : String(thrown);
}

function describeRest(expected: ErrorExpectation): string {
  return expected instanceof RegExp ? `that matches ${expected}` : "that the function accepts";
}

/** Few classes of errors set a name of their own. */
function nameOf(error: Error): string {
  return error.name === "Error" ? error.constructor.name : error.name;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
