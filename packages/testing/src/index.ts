/** An in-memory Varve for the tests of programs that use it. */

// Made-up events and ids, the same in every run
export { deterministicIds } from "./builders/ids.js";
export {
  type BuiltEvent,
  createRecordedEvents,
  type RecordedEventInit,
  type RecordedEvents,
  type RecordedEventsOptions,
  recordedEvent,
} from "./builders/recorded-events.js";
export { createTestClock, type TestClock } from "./clock.js";
export type { Faults } from "./faults.js";
// Given, when, then
export {
  type Aggregate,
  type AggregateGiven,
  type AggregateScenario,
  aggregateScenario,
} from "./scenario/aggregate.js";
export {
  type Decided,
  type Decider,
  type DeciderGiven,
  type DeciderScenario,
  scenario,
} from "./scenario/decider.js";
export type { ErrorClass, ErrorExpectation } from "./scenario/error-expectation.js";
export type { ExpectedEvent, ScenarioEvent } from "./scenario/event-expectation.js";
export type { Expectation, StateExpectation } from "./scenario/expectation.js";
export type { Checked } from "./scenario/outcome.js";
export {
  type AppendedEvent,
  given,
  type StoreGiven,
  type StoreScenario,
  storeScenario,
} from "./scenario/store.js";
export type { When, WhenWithState } from "./scenario/when.js";
export { createTestStore, type TestStore, type TestStoreOptions } from "./test-store.js";
