import type { ScenarioEvent } from "./event-expectation.js";
import type { StateExpectation } from "./expectation.js";
import { callSite } from "./failure.js";
import { checkFold, eventsOf, type Folding, runOn } from "./folding.js";
import type { Checked } from "./outcome.js";
import { Command, type WhenWithState } from "./when.js";

/** What a decision comes to: one event, several, or nothing. */
export type Decided<Event> = Event | readonly Event[] | undefined;

/** Decides what a command makes happen, from a state that events have made. */
export interface Decider<Input, Event extends ScenarioEvent, State, Returned> {
  /** The state before the first event; a function if `evolve` changes the state it is given. */
  readonly initialState: State | (() => State);
  /** The new events; none if nothing happens. Throws if the command is refused. May be async. */
  decide(command: Input, state: State): Returned;
  /** The state after one more event. */
  evolve(state: State, event: Event): State;
}

/** The scenarios of a decider. */
export interface DeciderScenario<Input, Event extends ScenarioEvent, State, Returned>
  extends DeciderGiven<Input, Event, State, Returned> {
  /** What has happened before, in order. */
  given(...events: readonly Event[]): DeciderGiven<Input, Event, State, Returned>;
}

/** What has happened before. */
export interface DeciderGiven<Input, Event extends ScenarioEvent, State, Returned> {
  /** A decision by a function of its own, from the state. May be async. */
  when<R extends Decided<Event> | PromiseLike<Decided<Event>>>(
    decide: (state: State) => R,
  ): WhenWithState<Event, State, Checked<R>>;
  /** A command for `decide`. */
  when(command: Input): WhenWithState<Event, State, Checked<Returned>>;
  /** The state after what has happened: for `evolve` on its own. */
  thenState(expected: StateExpectation<State>): void;
}

/**
 * Given what has happened, when a command comes, then these are the events:
 * the tests of a decider.
 *
 * ```ts
 * const order = scenario(orderDecider);
 * order.given(placed).when({ type: "Ship" }).then({ type: "order.Shipped" });
 * ```
 *
 * Nothing needs to be awaited, unless `decide` is async.
 */
export function scenario<
  Input,
  Event extends ScenarioEvent,
  State,
  Returned extends Decided<Event> | PromiseLike<Decided<Event>>,
>(decider: Decider<Input, Event, State, Returned>): DeciderScenario<Input, Event, State, Returned> {
  const given = (...events: readonly Event[]): DeciderGiven<Input, Event, State, Returned> =>
    new GivenEvents(decider, events);
  return Object.assign(new GivenEvents(decider, []), { given });
}

class GivenEvents<Input, Event extends ScenarioEvent, State, Returned>
  implements DeciderGiven<Input, Event, State, Returned>
{
  readonly #decider: Decider<Input, Event, State, Returned>;
  readonly #folding: Folding<Event, State>;
  readonly #events: readonly Event[];

  constructor(decider: Decider<Input, Event, State, Returned>, events: readonly Event[]) {
    this.#decider = decider;
    this.#folding = foldingOf(decider);
    this.#events = events;
  }

  when<Result>(command: Input | ((state: State) => unknown)): WhenWithState<Event, State, Result> {
    const decide = isFunction(command)
      ? command
      : (state: State) => this.#decider.decide(command, state);
    const run = (): ReturnType<typeof runOn> => runOn(this.#folding, this.#events, decide);
    return new Command(run, callSite(this.when));
  }

  thenState(expected: StateExpectation<State>): void {
    checkFold(this.#folding, this.#events, expected, callSite(this.thenState));
  }
}

function foldingOf<Input, Event extends ScenarioEvent, State, Returned>(
  decider: Decider<Input, Event, State, Returned>,
): Folding<Event, State> {
  const evolve = (state: State, event: Event): State => decider.evolve(state, event);
  return {
    begin: () => (isFunction(decider.initialState) ? decider.initialState() : decider.initialState),
    evolve,
    end: (before, returned) => {
      const events = eventsOf<Event>(returned);
      return { events, state: { value: events.reduce(evolve, before) } };
    },
  };
}

function isFunction<T, F extends (...args: never[]) => unknown>(value: T | F): value is F {
  return typeof value === "function";
}
