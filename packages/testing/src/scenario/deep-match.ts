import { isDeepStrictEqual } from "node:util";

/** How a test runner says "any string" or "an object that contains", in place of a value. */
interface Matcher {
  asymmetricMatch(actual: unknown): boolean;
}

/** Both sides of a comparison, made ready to be shown beside each other. */
export interface Match {
  readonly pass: boolean;
  readonly actual: unknown;
  readonly expected: unknown;
}

/**
 * Compares deeply. A field that is undefined counts as absent, as it is in JSON.
 * A matcher of vitest or jest, anywhere in what is expected, decides on its own.
 */
export function deepMatch(actual: unknown, expected: unknown): Match {
  const shown = withoutUndefined(actual);
  // A matcher that matched shows as what it matched: only what differs stands out.
  const wanted = resolveMatchers(withoutUndefined(expected), shown);
  return { pass: isDeepStrictEqual(shown, wanted), actual: shown, expected: wanted };
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isPlainObject(value)) return value;
  return mapFields(value, (field) => withoutUndefined(field));
}

function resolveMatchers(expected: unknown, actual: unknown): unknown {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual) ? actual : expected;
  if (Array.isArray(expected)) {
    const others: readonly unknown[] = Array.isArray(actual) ? actual : [];
    return expected.map((element, i) => resolveMatchers(element, others[i]));
  }
  if (!isPlainObject(expected)) return expected;
  const others = isPlainObject(actual) ? actual : {};
  return mapFields(expected, (field, name) => resolveMatchers(field, others[name]));
}

function mapFields(
  object: Readonly<Record<string, unknown>>,
  map: (field: unknown, name: string) => unknown,
): Record<string, unknown> {
  const defined = Object.entries(object).filter(([, field]) => field !== undefined);
  const copy = Object.fromEntries(defined.map(([name, field]) => [name, map(field, name)]));
  // An object without a prototype stays one, since the comparison is strict.
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(object)) as Record<string, unknown>;
}

function isMatcher(value: unknown): value is Matcher {
  return (
    typeof value === "object" &&
    value !== null &&
    "asymmetricMatch" in value &&
    typeof value.asymmetricMatch === "function"
  );
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || isMatcher(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
