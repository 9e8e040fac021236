import { check } from "./check.js";
import { checkEvent, type ScenarioEvent } from "./event-expectation.js";
import type { CallSite } from "./failure.js";
import { type Attempt, after, attempt, type Outcome } from "./outcome.js";

/** How a state comes of events, and events of a state. */
export interface Folding<Event extends ScenarioEvent, State> {
  begin(): State;
  evolve(state: State, event: Event): State;
  /** The new events, and the state with them, after a command that returned. */
  end(before: State, returned: unknown): Pick<Outcome<Event, State>, "events" | "state">;
}

/** Runs a command on the state after the given events. */
export function runOn<Event extends ScenarioEvent, State>(
  folding: Folding<Event, State>,
  given: readonly Event[],
  command: (state: State) => unknown,
): Outcome<Event, State> | Promise<Outcome<Event, State>> {
  const before = fold(folding, given);
  return after(
    attempt(() => command(before)),
    (result: Attempt) =>
      result.failed
        ? { events: [], state: { value: before }, failed: result.failed }
        : folding.end(before, result.returned),
  );
}

/** Throws `AssertionError` if the state after these events is not the expected one. */
export function checkFold<Event extends ScenarioEvent, State>(
  folding: Folding<Event, State>,
  events: readonly Event[],
  value: unknown,
  site: CallSite,
): void {
  check({ events: [], state: { value: fold(folding, events) } }, { state: { value } }, site);
}

/** What a decision returned, as a list. Throws `TypeError` for what is not events. */
export function eventsOf<Event extends ScenarioEvent>(returned: unknown): readonly Event[] {
  if (returned === undefined) return [];
  const events: readonly unknown[] = Array.isArray(returned) ? returned : [returned];
  return events.map((event) => checkEvent(event, "What a command returns") as Event);
}

/** The state after these events. What `evolve` throws is a fault, not an outcome. */
function fold<Event extends ScenarioEvent, State>(
  folding: Folding<Event, State>,
  events: readonly Event[],
): State {
  return events.reduce((state, event) => folding.evolve(state, event), folding.begin());
}
