import { inspect } from "node:util";
import { deepMatch } from "./deep-match.js";
import { describeExpected, describeThrown, matchesError } from "./error-expectation.js";
import { countEvents, matchEvents, type ScenarioEvent } from "./event-expectation.js";
import type { Expected } from "./expectation.js";
import { type CallSite, difference, failure } from "./failure.js";
import type { Outcome } from "./outcome.js";

/** Throws `AssertionError` if what came of a command is not what is expected. */
export function check(
  outcome: Outcome<ScenarioEvent, unknown>,
  expected: Expected,
  site: CallSite,
): void {
  checkFailure(outcome, expected, site);
  // A command that fails and appends nevertheless is worth a word in its test.
  const events = expected.events ?? (expected.error && []);
  if (events !== undefined) checkEvents(outcome, events, site);
  if (expected.state !== undefined) checkState(outcome, expected.state.value, site);
}

function checkFailure(
  { events, failed }: Outcome<ScenarioEvent, unknown>,
  expected: Expected,
  site: CallSite,
): void {
  if (expected.error === undefined) {
    if (failed === undefined) return;
    const { error } = failed;
    const wanted = expected.events ? countEvents(expected.events) : "a state";
    throw failure(`Expected ${wanted}, but it failed: ${describeThrown(error)}`, site, error);
  }
  const wanted = describeExpected(expected.error);
  if (failed === undefined) {
    const found = events.length === 0 ? "it did nothing" : `there came ${inspect(events)}`;
    throw failure(`Expected ${wanted}, but ${found}`, site);
  }
  if (!expected.error.every((part) => matchesError(failed.error, part))) {
    const found = describeThrown(failed.error);
    throw failure(`Expected ${wanted}, but it failed with ${found}`, site, failed.error);
  }
}

function checkEvents(
  outcome: Outcome<ScenarioEvent, unknown>,
  expected: readonly ScenarioEvent[],
  site: CallSite,
): void {
  const match = matchEvents(outcome.events, expected);
  if (match.pass) return;
  const counts = `Expected ${countEvents(expected)}, there came ${countEvents(outcome.events)}`;
  const same = outcome.events.length === expected.length;
  const found = same ? "The events are not those that were expected" : counts;
  throw difference(outcome.failed ? `It failed as expected. ${found}` : found, match, site);
}

function checkState(
  outcome: Outcome<ScenarioEvent, unknown>,
  expected: unknown,
  site: CallSite,
): void {
  if (outcome.state === undefined) throw new TypeError("There is no state to look at here");
  const state = outcome.state.value;
  if (typeof expected === "function") {
    if (expected(state) !== false) return;
    throw failure(`The function does not accept the state: ${inspect(state)}`, site);
  }
  const match = deepMatch(state, expected);
  if (!match.pass) throw difference("The state is not the one that was expected", match, site);
}
