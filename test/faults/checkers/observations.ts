import type { FinalLog, History } from "../history.ts";
import { placesById, type SentAppend, sentAppends } from "./sent-appends.ts";

/** The log was at least so long at a moment. */
interface Lower {
  readonly endedMs: number;
  readonly head: number;
  readonly by: string;
}

/** The log was at most so long at a moment. */
interface Upper {
  readonly startedMs: number;
  readonly head: number;
  readonly by: string;
}

/** A bound on the head, and which operation it comes from. */
export interface Bound {
  readonly head: number;
  readonly by: string;
}

/**
 * How long the log can have been at a moment, from what the operations before and after
 * it saw: the real-time order, in time n log n.
 */
export class Observations {
  readonly #lowers: readonly Lower[];
  readonly #uppers: readonly Upper[];

  constructor(history: History, log: FinalLog) {
    const appends = sentAppends(history);
    const lowers = [...lowersOfAppends(appends), ...lowersOfReads(history)];
    lowers.sort((a, b) => a.endedMs - b.endedMs);
    this.#lowers = runningMax(lowers);
    const uppers = [...uppersOfAppends(appends, log), ...uppersOfReads(history)];
    uppers.sort((a, b) => a.startedMs - b.startedMs);
    this.#uppers = runningMin(uppers);
  }

  /** Of what ended before this moment, what has seen most of the log. */
  before(ms: number): Bound {
    const count = firstIndex(this.#lowers.length, (i) => (this.#lowers[i]?.endedMs ?? 0) >= ms);
    return this.#lowers[count - 1] ?? { head: 0, by: "nothing" };
  }

  /** Of what began after this moment, what has seen least of the log. */
  after(ms: number): Bound {
    const index = firstIndex(this.#uppers.length, (i) => (this.#uppers[i]?.startedMs ?? 0) > ms);
    return this.#uppers[index] ?? { head: Number.POSITIVE_INFINITY, by: "nothing" };
  }
}

function lowersOfAppends(appends: readonly SentAppend[]): Lower[] {
  return appends.flatMap(({ append, attempts }) =>
    attempts.flatMap(({ outcome, endedMs }): Lower[] => {
      const by = `append ${append.appendId}`;
      if (outcome.case === "stored") return [{ endedMs, head: outcome.lastPosition, by }];
      if (outcome.case !== "refused" || outcome.head === undefined) return [];
      return [{ endedMs, head: outcome.head, by: `the refusal of ${by}` }];
    }),
  );
}

function lowersOfReads({ reads }: History): Lower[] {
  return reads.flatMap(({ outcome, endedMs, client, stream }) =>
    outcome.case === "answered"
      ? [{ endedMs, head: outcome.head, by: reader(client, stream) }]
      : [],
  );
}

/** What is in the log began to be stored after the first attempt at it began. */
function uppersOfAppends(appends: readonly SentAppend[], log: FinalLog): Upper[] {
  const places = placesById(log);
  return appends.flatMap(({ append, events, attempts, startedMs }) => {
    const by = `append ${append.appendId}`;
    const first = places.get(events[0]?.id ?? "")?.[0];
    const refused = attempts.flatMap(({ outcome, startedMs }): Upper[] =>
      outcome.case === "refused" && outcome.head !== undefined
        ? [{ startedMs, head: outcome.head, by: `the refusal of ${by}` }]
        : [],
    );
    return first === undefined ? refused : [...refused, { startedMs, head: first - 1, by }];
  });
}

function uppersOfReads({ reads }: History): Upper[] {
  return reads.flatMap(({ outcome, startedMs, client, stream }) =>
    outcome.case === "answered"
      ? [{ startedMs, head: outcome.head, by: reader(client, stream) }]
      : [],
  );
}

function reader(client: number, stream: string | undefined): string {
  return `a ${stream === undefined ? "replay" : `read of ${stream}`} by client ${client}`;
}

/** Each with the highest head of all up to it. */
function runningMax(lowers: readonly Lower[]): Lower[] {
  let highest: Bound = { head: 0, by: "nothing" };
  return lowers.map((lower) => {
    if (lower.head > highest.head) highest = lower;
    return { ...highest, endedMs: lower.endedMs };
  });
}

/** Each with the lowest head of all from it on. */
function runningMin(uppers: readonly Upper[]): Upper[] {
  let lowest: Bound = { head: Number.POSITIVE_INFINITY, by: "nothing" };
  return uppers
    .toReversed()
    .map((upper) => {
      if (upper.head < lowest.head) lowest = upper;
      return { ...lowest, startedMs: upper.startedMs };
    })
    .reverse();
}

/** The first index for which it holds, which it does for all after; `count` if for none. */
function firstIndex(count: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
