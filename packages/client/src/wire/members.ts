import type { CallOptions } from "../types.js";
import { describe } from "./checks.js";
import { type Place, pathTo } from "./place.js";

/** The members that an object of a caller may have. */
export type Members<T> = ReadonlySet<keyof T & string>;

/**
 * For `Record<keyof T, true>`, which the compiler checks to be all of them. A union is
 * taken as whatever any of its types has.
 */
export function membersOf<T>(members: Readonly<Record<keyof T & string, true>>): Members<T> {
  return new Set(Object.keys(members) as (keyof T & string)[]);
}

/** What the options of every call may have. */
export const CALL_OPTIONS: Readonly<Record<keyof CallOptions, true>> = {
  signal: true,
  timeoutMs: true,
};

const ONLY_CALL_OPTIONS: Members<CallOptions> = membersOf<CallOptions>(CALL_OPTIONS);

/** The options of a call that has no others. Throws `TypeError` as `checkMembers` does. */
export function checkCallOptions(options: CallOptions): void {
  checkMembers(options, ONLY_CALL_OPTIONS, "options");
}

/**
 * Throws `TypeError` if the value is not an object, or has a member of a name that means
 * nothing: most are misspelt, or are called something else here.
 */
export function checkMembers(value: object, members: ReadonlySet<string>, place: Place): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${pathTo(place)} must be an object, but is ${describe(value)}`);
  }
  for (const name in value) {
    if (!members.has(name)) throw unknownMember(name, members, pathTo(place));
  }
}

function unknownMember(name: string, members: ReadonlySet<string>, path: string): TypeError {
  const known = [...members].join(", ");
  return new TypeError(`${path} has no member ${JSON.stringify(name)}; it takes ${known}`);
}
