import type { FinalLog, History, ReadOperation, ReadOutcome } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { matchesFilter, toClauses } from "./filter.ts";
import { Observations } from "./observations.ts";
import { sentAppends } from "./sent-appends.ts";
import { servedWrong } from "./served.ts";
import { indexAfter, type StoredEvent, StoredLog } from "./stored-log.ts";

type Answered = Extract<ReadOutcome, { case: "answered" }>;

/**
 * G9: every read sees all that anyone had seen before it began, and serves exactly what
 * the stream, or the log, was at the head that it names. A read that failed has served
 * nothing wrong up to there.
 */
export function checkReads(history: History, log: FinalLog): Violation[] {
  const stored = new StoredLog(log, sentAppends(history));
  const observations = new Observations(history, log);
  return history.reads.flatMap((read) => {
    const { outcome } = read;
    const wrong =
      outcome.case === "answered"
        ? (staleness(read, outcome, observations) ?? answeredWrong(read, outcome, stored))
        : failedWrong(read, stored);
    return wrong ? [{ guarantee: "G9" as const, message: `${nameOf(read)}: ${wrong}` }] : [];
  });
}

function staleness(
  { startedMs }: ReadOperation,
  { head }: Answered,
  observations: Observations,
): string | undefined {
  const before = observations.before(startedMs);
  if (head >= before.head) return undefined;
  return `it was answered as of head ${head}, but before it began ${before.by} had seen the log up to ${before.head}`;
}

function answeredWrong(
  read: ReadOperation,
  { head, lastRevision, events }: Answered,
  log: StoredLog,
): string | undefined {
  if (head > log.head) return `it was answered as of head ${head}, but the log ends at ${log.head}`;
  if (read.stream !== undefined) {
    const ofStream = log.stream(read.stream);
    const last = ofStream[indexAfter(ofStream, head) - 1]?.revision;
    if (last !== lastRevision) {
      return `it named ${lastRevision ?? "no"} as the last revision, which at head ${head} was ${last ?? "none"}`;
    }
  }
  const wrong = servedWrong(events, matchesUpTo(read, log, head));
  return wrong && `${wrong} (as of head ${head})`;
}

/** The head is not known: what was served is some run of the matches, at the start of them. */
function failedWrong(read: ReadOperation, log: StoredLog): string | undefined {
  const { events } = read.outcome;
  const [first] = events;
  if (!first) return undefined;
  const head = read.backwards ? first.position : log.head;
  return servedWrong(events, matchesUpTo(read, log, head), { prefix: true });
}

/** What should be served at a head, in the order in which it should be. */
function matchesUpTo(read: ReadOperation, log: StoredLog, head: number): StoredEvent[] {
  const { stream, from = 0, filter = [], backwards = false } = read;
  const all = stream === undefined ? log.events : log.stream(stream);
  const clauses = toClauses(filter);
  const matches = all.slice(0, indexAfter(all, head)).filter((event) => {
    const place = stream === undefined ? event.position : event.revision;
    return place >= from && matchesFilter(clauses, event);
  });
  return backwards ? matches.reverse() : matches;
}

function nameOf({ client, stream, filter, from, backwards }: ReadOperation): string {
  const what = stream === undefined ? "replay" : `read of ${stream}`;
  const parts = [
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(backwards ? ["backwards"] : []),
    ...(filter ? [`filter ${JSON.stringify(filter)}`] : []),
  ];
  return [`${what} by client ${client}`, ...parts].join(", ");
}
