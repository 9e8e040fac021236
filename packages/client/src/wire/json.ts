import { type Place, pathTo } from "./place.js";

/**
 * What JSON cannot say. `JSON.stringify` leaves it out, or writes something else in
 * its place, without a word: the store would keep that for ever.
 */

/** Where a value is lost, as seen from the value that is looked at, and why. */
interface Loss {
  readonly path: string;
  readonly why: string;
}

const UNDEFINED = "undefined, of which JSON says nothing";

/** Nobody nests so deep by mistake; whoever does it otherwise is not checked below. */
const DEPTH_MAX = 1_000;

const ALLOWED =
  "JSON has strings, finite numbers, booleans, null, arrays, objects of these, and what has toJSON()";

/**
 * Text of a JSON value. Throws `TypeError`, with the path, for what JSON cannot say:
 * it takes members that are `undefined` as absent, and whatever has a `toJSON` method
 * at its word, and refuses the rest.
 */
export function toJson(value: unknown, place: Place, member: string): string {
  const text = stringify(value, place, member);
  const loss = lossIn(value, 0, undefined);
  if (loss === undefined && text !== undefined) return text;
  throw lossError(pathTo(place, member), loss ?? here(UNDEFINED));
}

function stringify(value: unknown, place: Place, member: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw whyNot(value, pathTo(place, member), cause);
  }
}

function whyNot(value: unknown, path: string, cause: unknown): TypeError {
  try {
    const loss = lossIn(value, 0, []);
    if (loss !== undefined) return lossError(path, loss);
  } catch {
    // A method of the value itself that fails again.
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TypeError(`${path} cannot be written as JSON: ${why}`, { cause });
}

function lossError(path: string, loss: Loss): TypeError {
  return new TypeError(`${path}${loss.path} is ${loss.why}. ${ALLOWED}`);
}

/**
 * The first loss in a value. `ancestors` are the objects that it is in: to be given
 * where there may be a cycle, which is a loss, too.
 */
function lossIn(value: unknown, depth: number, ancestors: object[] | undefined): Loss | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : here(`${value}, for which JSON writes null`);
    case "object":
      return value === null ? undefined : lossInObject(value, depth, ancestors);
    case "bigint":
      return here("a bigint, which JSON cannot write; a string can hold it");
    case "undefined":
      return here(UNDEFINED);
    default:
      return here(`a ${typeof value}, of which JSON says nothing`);
  }
}

function lossInObject(
  value: object,
  depth: number,
  ancestors: object[] | undefined,
): Loss | undefined {
  if (depth === DEPTH_MAX) return undefined;
  if (ancestors?.includes(value)) return here("an object that is inside itself");
  ancestors?.push(value);
  const loss = Array.isArray(value)
    ? lossInElements(value, depth, ancestors)
    : isPlain(value)
      ? lossInMembers(value, depth, ancestors)
      : lossInInstance(value, depth, ancestors);
  ancestors?.pop();
  return loss;
}

/** Nearly every member is one of these, and needs no closer look. */
function isKept(value: unknown): boolean {
  return typeof value === "string" || value === undefined || Number.isFinite(value);
}

function lossInElements(
  array: readonly unknown[],
  depth: number,
  ancestors: object[] | undefined,
): Loss | undefined {
  for (let i = 0; i < array.length; i++) {
    if (array[i] !== undefined && isKept(array[i])) continue;
    const loss = lossIn(array[i], depth + 1, ancestors);
    if (loss !== undefined) return { ...loss, path: `[${i}]${loss.path}` };
  }
  return undefined;
}

function lossInMembers(
  object: object,
  depth: number,
  ancestors: object[] | undefined,
): Loss | undefined {
  const members = object as Readonly<Record<string, unknown>>;
  for (const name in members) {
    const member = members[name];
    if (isKept(member)) continue;
    const loss = lossIn(member, depth + 1, ancestors);
    if (loss === undefined) continue;
    if (hasToJson(object)) return lossIn(object.toJSON(), depth + 1, ancestors);
    return { ...loss, path: `${memberPath(name)}${loss.path}` };
  }
  return undefined;
}

/** Of an object of a class, JSON writes the members that it shows; many show none. */
function lossInInstance(
  object: object,
  depth: number,
  ancestors: object[] | undefined,
): Loss | undefined {
  if (object instanceof Date && Number.isNaN(object.getTime())) {
    return here("an invalid date, for which JSON writes null");
  }
  if (hasToJson(object)) return lossIn(object.toJSON(), depth + 1, ancestors);
  if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) {
    const hint = "bytes can be all of the data, as a Uint8Array, or text in it";
    return here(`${nameOf(object)}, whose bytes JSON does not write; ${hint}`);
  }
  if (object instanceof Error || Object.keys(object).length === 0) {
    return here(`${nameOf(object)}, whose content JSON does not write`);
  }
  return lossInMembers(object, depth, ancestors);
}

/** An object that is no more than its members; also one of another realm, as tests have them. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "valueOf");
}

function hasToJson(object: object): object is { toJSON(): unknown } {
  return "toJSON" in object && typeof object.toJSON === "function";
}

/** With its article: "a Map", "an ArrayBuffer". */
function nameOf(object: object): string {
  const name: string = object.constructor?.name || "object";
  return `${/^[AEIO]/i.test(name) ? "an" : "a"} ${name}`;
}

function memberPath(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function here(why: string): Loss {
  return { path: "", why };
}
