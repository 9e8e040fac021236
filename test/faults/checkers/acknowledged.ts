import type { AppendOperation, FinalLog, History, SeenEvent } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { nameOf, type SentAppend, sentAppends } from "./sent-appends.ts";

type Stored = Extract<AppendOperation["outcome"], { case: "stored" }>;

/** G1: what was acknowledged is in the log, where the answer said, with the bytes that were sent. */
export function checkAcknowledged(history: History, log: FinalLog): Violation[] {
  const byPosition = new Map(log.map((event) => [event.position, event]));
  return sentAppends(history).flatMap((sent) => {
    const outcomes = sent.attempts.flatMap(({ outcome }) =>
      outcome.case === "stored" ? [outcome] : [],
    );
    // Repeats that say the same need no second look; others are for the checker of repeats.
    return outcomes.slice(0, 1).flatMap((outcome) => check(sent, outcome, byPosition));
  });
}

function check(
  sent: SentAppend,
  { firstPosition, lastPosition, firstRevisions }: Stored,
  byPosition: ReadonlyMap<number, SeenEvent>,
): Violation[] {
  const said = `${nameOf(sent)} was acknowledged at ${rangeText(firstPosition, lastPosition)}`;
  if (lastPosition - firstPosition + 1 !== sent.events.length) {
    return [violation("G2", `${said}, which is not the number of its events`)];
  }
  const revisions = new Map(Object.entries(firstRevisions));
  for (const [i, event] of sent.events.entries()) {
    const position = firstPosition + i;
    const revision = revisions.get(event.stream);
    if (revision === undefined) {
      return [violation("G3", `${said}, but the answer has no revision of ${event.stream}`)];
    }
    revisions.set(event.stream, revision + 1);
    const found = byPosition.get(position);
    if (!found) return [violation("G1", `${said}, but the log has no position ${position}`)];
    const wrong = difference(found, { ...event, revision });
    if (wrong) return [violation("G1", `${said}, but at position ${position} ${wrong}`)];
  }
  return [];
}

function difference(
  found: SeenEvent,
  expected: Pick<SeenEvent, "id" | "stream" | "revision" | "digest">,
): string | undefined {
  if (found.id !== expected.id) {
    return `there is event ${found.id} of ${found.stream} in place of its event ${expected.id}`;
  }
  if (found.stream !== expected.stream) {
    return `the event is in stream ${found.stream}, not in ${expected.stream}`;
  }
  if (found.revision !== expected.revision) {
    return `the event has revision ${found.revision} of ${found.stream}, not ${expected.revision}`;
  }
  if (found.digest === expected.digest) return undefined;
  return `the event ${found.id} has other bytes than were sent`;
}

export function rangeText(first: number, last: number): string {
  return first === last ? `position ${first}` : `positions ${first} to ${last}`;
}

function violation(guarantee: Violation["guarantee"], message: string): Violation {
  return { guarantee, message };
}
