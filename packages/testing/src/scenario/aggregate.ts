import type { ScenarioEvent } from "./event-expectation.js";
import type { StateExpectation } from "./expectation.js";
import { callSite } from "./failure.js";
import { checkFold, eventsOf, type Folding, runOn } from "./folding.js";
import type { Checked } from "./outcome.js";
import { Command, type WhenWithState } from "./when.js";

/** How a test makes an aggregate and gets at its new events. */
export interface Aggregate<Event extends ScenarioEvent, State> {
  /** A new aggregate, to which nothing has happened. */
  create(): State;
  /** Lets the aggregate know of an event that has happened. */
  apply(aggregate: State, event: Event): void;
  /**
   * The events that its methods have kept to be appended, and have applied.
   * Default: what the function given to `when` returns, which is then applied.
   */
  newEvents?(aggregate: State): readonly Event[];
}

/** The scenarios of an aggregate. */
export interface AggregateScenario<Event extends ScenarioEvent, State>
  extends AggregateGiven<Event, State> {
  /** What has happened before, in order. */
  given(...events: readonly Event[]): AggregateGiven<Event, State>;
}

/** What has happened before. */
export interface AggregateGiven<Event extends ScenarioEvent, State> {
  /** Calls the aggregate. May be async. */
  when<R>(command: (aggregate: State) => R): WhenWithState<Event, State, Checked<R>>;
  /** The aggregate after what has happened. */
  thenState(expected: StateExpectation<State>): void;
}

/**
 * Given what has happened, when a method is called, then these are the events:
 * the tests of an aggregate, which is an object that remembers what it was told.
 *
 * ```ts
 * const order = aggregateScenario({
 *   create: () => new Order(),
 *   apply: (order, event: OrderEvent) => order.apply(event),
 * });
 * order.given(placed).when((order) => order.ship()).then({ type: "order.Shipped" });
 * ```
 */
export function aggregateScenario<Event extends ScenarioEvent, State>(
  aggregate: Aggregate<Event, State>,
): AggregateScenario<Event, State> {
  const folding = foldingOf(aggregate);
  const given = (...events: readonly Event[]): AggregateGiven<Event, State> =>
    new GivenEvents(folding, events);
  return Object.assign(new GivenEvents(folding, []), { given });
}

class GivenEvents<Event extends ScenarioEvent, State> implements AggregateGiven<Event, State> {
  readonly #folding: Folding<Event, State>;
  readonly #events: readonly Event[];

  constructor(folding: Folding<Event, State>, events: readonly Event[]) {
    this.#folding = folding;
    this.#events = events;
  }

  when<R>(command: (aggregate: State) => R): WhenWithState<Event, State, Checked<R>> {
    const run = (): ReturnType<typeof runOn> => runOn(this.#folding, this.#events, command);
    return new Command(run, callSite(this.when));
  }

  thenState(expected: StateExpectation<State>): void {
    checkFold(this.#folding, this.#events, expected, callSite(this.thenState));
  }
}

function foldingOf<Event extends ScenarioEvent, State>(
  aggregate: Aggregate<Event, State>,
): Folding<Event, State> {
  const evolve = (state: State, event: Event): State => {
    aggregate.apply(state, event);
    return state;
  };
  return {
    begin: () => aggregate.create(),
    evolve,
    end: (state, returned) => {
      const kept = aggregate.newEvents?.(state);
      if (kept !== undefined) return { events: [...kept], state: { value: state } };
      const events = eventsOf<Event>(returned);
      return { events, state: { value: events.reduce(evolve, state) } };
    },
  };
}
