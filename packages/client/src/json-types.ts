/** Any value that JSON can express: what comes back of what was sent. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** A JSON object, as event metadata is. */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** Says itself what JSON is to write of it, as a `Date` does: its time, as text. */
export interface HasToJson {
  toJSON(): unknown;
}

/** What can be sent as JSON: a JSON value, or one with something in it that has `toJSON`. */
export type JsonInput =
  | string
  | number
  | boolean
  | null
  | HasToJson
  | readonly JsonInput[]
  | JsonInputObject;

/** An object that can be sent as JSON. Members that are `undefined` are left out. */
export type JsonInputObject = { readonly [key: string]: JsonInput | undefined };

/**
 * The type itself, if JSON can say all that a value of it holds; otherwise a type that it
 * does not fit, whose name says why. Unlike `JsonInput` it takes types that are declared
 * as an `interface`:
 *
 *     function publish<Data>(data: JsonCompatible<Data>): void
 *
 * `number` is taken, though JSON has neither `NaN` nor infinity: these are refused when
 * they are sent.
 */
export type JsonCompatible<T> = T extends JsonInput | undefined
  ? T
  : T extends bigint
    ? "JSON has no bigint: send it as a string"
    : T extends symbol | ((...args: never[]) => unknown)
      ? "JSON leaves out functions and symbols"
      : T extends Opaque
        ? "JSON would not write what this object holds"
        : T extends object
          ? { [Member in keyof T]: JsonCompatible<T[Member]> }
          : "JSON needs a known type: check the value, or say what it is";

/** What can be sent as data: bytes, or what JSON can say. */
export type SendableData<T> = T extends Uint8Array ? T : JsonCompatible<T>;

/** Objects whose content is not in their members. */
type Opaque =
  | ReadonlyMap<never, unknown>
  | ReadonlySet<never>
  | WeakMap<never, unknown>
  | WeakSet<never>
  | ArrayBufferLike
  | ArrayBufferView
  | PromiseLike<unknown>
  | RegExp
  | Error;
