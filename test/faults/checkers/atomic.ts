import type { FinalLog, History, SeenEvent } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { nameOf, placesById, type SentAppend, sentAppends } from "./sent-appends.ts";

/**
 * G2: of each append, acknowledged or not, the log has all events or none, one after the
 * other, as they were sent; and it has nothing that was not sent.
 */
export function checkAtomic(history: History, log: FinalLog): Violation[] {
  const places = placesById(log);
  const byPosition = new Map(log.map((event) => [event.position, event]));
  const appends = sentAppends(history);
  return [
    ...appends.flatMap((sent) => checkWhole(sent, places, byPosition)),
    ...notSent(appends, log),
  ];
}

function checkWhole(
  sent: SentAppend,
  places: ReadonlyMap<string, readonly number[]>,
  byPosition: ReadonlyMap<number, SeenEvent>,
): Violation[] {
  const stored = sent.events.filter(({ id }) => places.has(id));
  if (stored.length === 0) return [];
  const [missing] = sent.events.filter(({ id }) => !places.has(id));
  if (missing) {
    const of = `${stored.length} of ${sent.events.length} events`;
    return [broken(`${nameOf(sent)} is stored in part: ${of}; ${missing.id} is missing`)];
  }
  const first = places.get(sent.events[0]?.id ?? "")?.[0] ?? 0;
  for (const [i, event] of sent.events.entries()) {
    const found = byPosition.get(first + i);
    if (found?.id !== event.id) {
      const actual = found ? `event ${found.id}` : "nothing";
      const expected = `its event ${event.id}, number ${i + 1}`;
      return [
        broken(
          `${nameOf(sent)} begins at ${first}, but at ${first + i} is ${actual}, not ${expected}`,
        ),
      ];
    }
    if (found.digest !== event.digest || found.stream !== event.stream) {
      const what = `event ${event.id} at position ${found.position} is not as it was sent`;
      return [broken(`${nameOf(sent)}: ${what}`)];
    }
  }
  return [];
}

function notSent(appends: readonly SentAppend[], log: FinalLog): Violation[] {
  const sent = new Set(appends.flatMap(({ events }) => events.map(({ id }) => id)));
  return log
    .filter(({ id }) => !sent.has(id))
    .map(({ id, position, stream }) =>
      broken(`position ${position} has event ${id} of ${stream}, which nobody sent`),
    );
}

function broken(message: string): Violation {
  return { guarantee: "G2", message };
}
