import type { AppendOperation, FinalLog, FoundState, History } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { conditionText, type Heads, intersect, isEmpty, whereFound, whereHolds } from "./heads.ts";
import { Observations } from "./observations.ts";
import { nameOf, placesById, type SentAppend, sentAppends } from "./sent-appends.ts";
import { StoredLog } from "./stored-log.ts";

type Refused = Extract<AppendOperation["outcome"], { case: "refused" }>;

/**
 * G5: for every conflict there is a head, between those that were possible during the
 * call, at which exactly the conditions that it names do not hold, for what it says was
 * found. G7: what was only ever refused is not stored.
 */
export function checkRefusals(history: History, log: FinalLog): Violation[] {
  const appends = sentAppends(history);
  const places = placesById(log);
  const refusals = new Refusals(new StoredLog(log, appends), new Observations(history, log));
  return appends.flatMap((sent) => {
    const first = places.get(sent.events[0]?.id ?? "")?.[0];
    const conflicts = sent.attempts.flatMap((attempt) => refusals.check(sent, attempt, first));
    return [...conflicts, ...storedThough(sent, first)];
  });
}

class Refusals {
  readonly #log: StoredLog;
  readonly #observations: Observations;

  constructor(log: StoredLog, observations: Observations) {
    this.#log = log;
    this.#observations = observations;
  }

  /** `first`: where the append is stored all the same, by another attempt. */
  check(sent: SentAppend, attempt: AppendOperation, first: number | undefined): Violation[] {
    const { outcome } = attempt;
    if (outcome.case !== "refused" || outcome.reason !== "CONDITION_FAILED") return [];
    const possible = this.#possible(attempt, outcome);
    if (first !== undefined && first <= possible.first) {
      const message = `${nameOf(sent)} was refused with CONDITION_FAILED after it had been stored at ${first}`;
      return [{ guarantee: "G6", message }];
    }
    const allowed =
      first === undefined ? possible : intersect(possible, { first: 0, last: first - 1 });
    const justified = this.#whereJustified(sent, outcome.found);
    if (outcome.found.length > 0 && !isEmpty(intersect(allowed, justified))) return [];
    const found = outcome.found.map((state) => foundText(sent, state)).join(" and ");
    const message = `${nameOf(sent)} was refused because of ${found || "nothing"}, which is so ${text(justified)}, but it was decided ${text(allowed)}`;
    return [{ guarantee: "G5", message }];
  }

  #possible({ startedMs, endedMs }: AppendOperation, { head }: Refused): Heads {
    const window = {
      first: this.#observations.before(startedMs).head,
      last: Math.min(this.#observations.after(endedMs).head, this.#log.head),
    };
    return head === undefined ? window : intersect(window, { first: head, last: head });
  }

  #whereJustified({ append }: SentAppend, found: readonly FoundState[]): Heads {
    let heads: Heads = { first: 0, last: Number.POSITIVE_INFINITY };
    for (const [ordinal, condition] of (append.conditions ?? []).entries()) {
      const state = found.find((one) => one.condition === ordinal);
      const where = state
        ? whereFound(this.#log, condition, state)
        : whereHolds(this.#log, condition);
      heads = intersect(heads, where);
    }
    return heads;
  }
}

function storedThough(sent: SentAppend, first: number | undefined): Violation[] {
  if (first === undefined) return [];
  if (!sent.attempts.every(({ outcome }) => outcome.case === "refused")) return [];
  const reasons = sent.attempts.flatMap(({ outcome }) =>
    outcome.case === "refused" ? [outcome.reason] : [],
  );
  const message = `${nameOf(sent)} was refused (${reasons.join(", ")}), but it is stored at ${first}`;
  return [{ guarantee: "G7", message }];
}

function foundText({ append }: SentAppend, state: FoundState): string {
  const condition = append.conditions?.[state.condition];
  const broken = condition ? conditionText(condition) : `condition ${state.condition}`;
  if (state.case === "query") return `"${broken}" (a match at ${state.position})`;
  const last =
    state.lastRevision === undefined ? "no event" : `last revision ${state.lastRevision}`;
  return `"${broken}" (found: ${last})`;
}

function text({ first, last }: Heads): string {
  if (last < first) return "at no head";
  if (last === Number.POSITIVE_INFINITY) return `from head ${first} on`;
  return first === last ? `at head ${first}` : `at a head from ${first} to ${last}`;
}
