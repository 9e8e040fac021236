import { check } from "./check.js";
import type { ErrorClass, ErrorExpectation } from "./error-expectation.js";
import type { ExpectedEvent, ScenarioEvent } from "./event-expectation.js";
import {
  type Expectation,
  type Expected,
  isAwait,
  parseExpectation,
  type StateExpectation,
} from "./expectation.js";
import { type CallSite, callSite, failure } from "./failure.js";
import { after, type Outcome } from "./outcome.js";

/**
 * A command whose outcome is to be checked. It runs when the first of these
 * methods is called, and once. Each throws an `AssertionError` of `node:assert`
 * if what came of the command is not what is expected.
 */
export interface When<Event extends ScenarioEvent, Result> {
  /** An error of this class, or with a message that matches. And no event. */
  then(error: ErrorClass | RegExp): Result;
  /** Any of events and error, in one. */
  then(expectation: Omit<Expectation<Event, never>, "state">): Result;
  /** Exactly these events, in order. None means that nothing happened. */
  then(events: readonly ExpectedEvent<Event>[]): Result;
  // The last, since it is this that the compiler explains if none fits.
  then(...events: readonly ExpectedEvent<Event>[]): Result;
  /** No event and no error. */
  thenNothing(): Result;
  /** An error that matches; any if nothing is given. And no event. */
  thenError(expected?: RegExp | ((error: unknown) => unknown)): Result;
  /** An error of this class and, if given, one that matches. And no event. */
  thenError<E extends Error>(
    kind: ErrorClass<E>,
    detail?: RegExp | ((error: E) => unknown),
  ): Result;
}

/** A command whose outcome has a state, too. */
export interface WhenWithState<Event extends ScenarioEvent, State, Result>
  extends When<Event, Result> {
  then(error: ErrorClass | RegExp): Result;
  /** Any of events, error and state, in one. */
  then(expectation: Expectation<Event, State>): Result;
  then(events: readonly ExpectedEvent<Event>[]): Result;
  then(...events: readonly ExpectedEvent<Event>[]): Result;
  /** The state after the new events: compared deeply, or looked at by a function. */
  thenState(expected: StateExpectation<State>): Result;
}

type Run = () => Outcome<ScenarioEvent, unknown> | Promise<Outcome<ScenarioEvent, unknown>>;

/** The one implementation. Its types are those of the interfaces above. */
export class Command<Result> {
  readonly #run: Run;
  readonly #site: CallSite;
  #outcome: ReturnType<Run> | undefined;

  constructor(run: Run, site: CallSite) {
    this.#run = run;
    this.#site = site;
  }

  // biome-ignore lint/suspicious/noThenProperty: given/when/then; an `await` is told apart below
  then(...expectation: readonly unknown[]): Result {
    if (isAwait(expectation)) {
      // Thrown, not rejected: it is `await` that calls, and it takes this for a rejection.
      throw failure(
        "A scenario was awaited, or returned from an async function, before it said what to " +
          "expect. Write .then(…), .thenNothing(), .thenError(…) or .thenState(…) after .when(…)",
        this.#site,
      );
    }
    return this.#check(parseExpectation(expectation), callSite(this.then));
  }

  thenNothing(): Result {
    return this.#check({ events: [] }, callSite(this.thenNothing));
  }

  thenError(...parts: readonly (ErrorExpectation | undefined)[]): Result {
    const error = parts.filter((part) => part !== undefined);
    return this.#check({ error }, callSite(this.thenError));
  }

  thenState(value: unknown): Result {
    return this.#check({ state: { value } }, callSite(this.thenState));
  }

  #check(expected: Expected, site: CallSite): Result {
    this.#outcome ??= this.#run();
    // The types of a decision tell whether it is a promise; the interfaces pass that on.
    return after(this.#outcome, (outcome) => check(outcome, expected, site)) as Result;
  }
}
