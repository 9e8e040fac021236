import { deepMatch, type Match } from "./deep-match.js";

/** What every event has. */
export interface ScenarioEvent {
  readonly type: string;
}

/**
 * An event as a test expects it: the type, and of the rest what the test cares
 * about. What is left out is not compared; what is given is compared deeply.
 */
export type ExpectedEvent<Event extends ScenarioEvent> = Event extends ScenarioEvent
  ? Pick<Event, "type"> & Partial<Omit<Event, "type">>
  : never;

/** The fields that tell one event from another when a test has not said which count. */
const TELLING = ["stream", "type", "data"];

/** Compares events one by one, in their order, each by what is expected of it. */
export function matchEvents(
  actual: readonly ScenarioEvent[],
  expected: readonly ScenarioEvent[],
): Match {
  const shown = actual.map((event, i) => pick(event, fieldsOf(expected[i])));
  const wanted = expected.map((event) => pick(event, fieldsOf(event)));
  return deepMatch(shown, wanted);
}

/** How many events there are, in words. */
export function countEvents(events: readonly unknown[]): string {
  if (events.length === 0) return "no event";
  return events.length === 1 ? "1 event" : `${events.length} events`;
}

/** An event, or why it is none. */
export function checkEvent(value: unknown, where: string): ScenarioEvent {
  if (typeof value === "object" && value !== null && "type" in value) {
    if (typeof value.type === "string") return value as ScenarioEvent;
  }
  throw new TypeError(`${where} must be an event, with a type that is a string`);
}

function fieldsOf(event: ScenarioEvent | undefined): readonly string[] {
  if (event === undefined) return TELLING;
  return Object.entries(event).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** By name, since the fields of a recorded event may be getters of its class. */
function pick(event: ScenarioEvent, names: readonly string[]): Record<string, unknown> {
  const fields = event as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
