import { type ErrorExpectation, isErrorClass } from "./error-expectation.js";
import { checkEvent, type ExpectedEvent, type ScenarioEvent } from "./event-expectation.js";

/** A state to compare with, deeply, or a function that refuses by returning false or throwing. */
export type StateExpectation<State> = State | ((state: State) => unknown);

/** What must have come of a command. Whatever is given must hold. */
export interface Expectation<Event extends ScenarioEvent, State> {
  /** All of the events, in order. Default: any, but none if an error is expected. */
  readonly events?: readonly ExpectedEvent<Event>[];
  /** That the command failed. Default: that it did not. */
  readonly error?: ErrorExpectation;
  /** The state afterwards. Default: any. */
  readonly state?: StateExpectation<State>;
}

/** An expectation in the form in which it is checked. */
export interface Expected {
  readonly events?: readonly ScenarioEvent[];
  /** All must hold; none means any error. */
  readonly error?: readonly ErrorExpectation[];
  readonly state?: { readonly value: unknown };
}

/** Whether `then` was called by an `await`, which passes two functions and expects a promise. */
export function isAwait(args: readonly unknown[]): boolean {
  return args.length === 2 && args.every((arg) => typeof arg === "function" && !isErrorClass(arg));
}

/** Makes one form of the many that `then` takes. Throws `TypeError` for what is none of them. */
export function parseExpectation(args: readonly unknown[]): Expected {
  const [only] = args;
  if (args.length !== 1) return { events: parseEvents(args) };
  if (Array.isArray(only)) return { events: parseEvents(only) };
  if (only instanceof RegExp || isErrorClass(only)) return { error: [only] };
  if (typeof only === "function") {
    throw new TypeError(
      "A function alone does not say what it looks at: write { state: … } or { error: … }",
    );
  }
  return isExpectation(only) ? parseObject(only) : { events: parseEvents(args) };
}

const KEYS = ["events", "error", "state"];

function isExpectation(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => KEYS.includes(key));
}

function parseObject(object: Readonly<Record<string, unknown>>): Expected {
  const { events, error } = object;
  return {
    ...(events !== undefined && { events: parseEvents(events as readonly unknown[]) }),
    ...(error !== undefined && { error: [error as ErrorExpectation] }),
    // A state may well be undefined: that it is given is what counts.
    ...("state" in object && { state: { value: object.state } }),
  };
}

function parseEvents(events: readonly unknown[]): ScenarioEvent[] {
  return events.map((event) => checkEvent(event, "What then() expects"));
}
