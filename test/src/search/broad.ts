import type { StoreClient } from "../support/client.js";
import { type ClauseInit, type ConditionInit, newEvent, noMatch } from "../support/requests.js";

/** Tags of each half of the log; each pair of them makes another clause. */
const TAGS = 46;
/** Each append is a block. */
const EVENTS_PER_APPEND = 50;

/**
 * Fills the log with events of which each has many tags with other events, and no two that
 * clauses of `broadClauses` ask for together.
 */
export async function fillHalves(client: StoreClient, events: number): Promise<void> {
  for (let first = 0; first < events; first += EVENTS_PER_APPEND) {
    const batch = Array.from({ length: EVENTS_PER_APPEND }, (_, n) =>
      newEvent("s", { tags: tagsOf(n % 2 === 0 ? "a" : "b") }),
    );
    await client.append({ events: batch });
  }
}

/** What the server has to be started with. */
export const fillFlags: Readonly<Record<string, string>> = { "max-tags": String(TAGS) };

function tagsOf(half: string): string[] {
  return Array.from({ length: TAGS }, (_, n) => `${half}${n}`);
}

/** Clauses that match nothing, and ask for much: no two alike. */
export function broadClauses(count: number, first = 0): ClauseInit[] {
  return Array.from({ length: count }, (_, i) => {
    const n = first + i;
    return { tags: [`a${n % TAGS}`, `b${Math.floor(n / TAGS) % TAGS}`] };
  });
}

/** Conditions, 64 at the most, with as many clauses as they may have. */
export function broadConditions(count: number): ConditionInit[] {
  return Array.from({ length: count }, (_, n) => noMatch(broadClauses(32, n * 32)));
}
