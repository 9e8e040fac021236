import type { ScenarioEvent } from "./event-expectation.js";

/** What came of a command. */
export interface Outcome<Event extends ScenarioEvent, State> {
  /** In order. */
  readonly events: readonly Event[];
  /** What was thrown, if something was. */
  readonly failed?: { readonly error: unknown };
  /** The state afterwards. Absent where there is none to look at. */
  readonly state?: { readonly value: State };
}

/**
 * What a check gives: nothing if the command was decided at once, since it is
 * then checked at once; otherwise a promise to await.
 */
export type Checked<Returned> = [Extract<Returned, PromiseLike<unknown>>] extends [never]
  ? undefined
  : Promise<void>;

/** What a command returned or threw. */
export type Attempt =
  | { readonly returned: unknown; readonly failed?: undefined }
  | { readonly failed: { readonly error: unknown } };

/** Runs a command; a promise only if the command is one. */
export function attempt(run: () => unknown): Attempt | Promise<Attempt> {
  try {
    const returned = run();
    return isPromise(returned) ? settled(returned) : { returned };
  } catch (error) {
    return { failed: { error } };
  }
}

/** Carries on at once with a value, later with a promise. */
export function after<T, U>(value: T | Promise<T>, next: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

async function settled(promise: PromiseLike<unknown>): Promise<Attempt> {
  try {
    return { returned: await promise };
  } catch (error) {
    return { failed: { error } };
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
