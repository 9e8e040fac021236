import type { CallObservation } from "../observation.ts";
import { eventsIn, isCaughtUp, type ServedEvent } from "./frames.ts";
import type { Query } from "./queries.ts";
import { failureOf, type RawClient } from "./raw-client.ts";

/** Tells what was stored from what was not. */
export interface Judge {
  /** Whether these bytes were acknowledged, or found after an open outcome, at this position. */
  readonly isStored: (event: ServedEvent) => boolean;
  /** Whether this position was written after the damage: it belongs to no answer of before. */
  readonly isNew: (position: number) => boolean;
}

export interface Answer {
  /** `undefined` if the answer is what it was before the damage. */
  readonly observation: CallObservation | undefined;
  readonly eventsServed: number;
}

/** Makes a call and compares its answer with that of before the damage. */
export async function ask(client: RawClient, query: Query, judge: Judge): Promise<Answer> {
  const served: ServedEvent[] = [];
  let failure: CallObservation["failure"];
  try {
    for await (const frame of client.stream(query.method, query.request)) {
      served.push(...eventsIn(frame, query.method));
      if (query.method === "Subscribe" && isCaughtUp(frame)) break;
    }
  } catch (error) {
    failure = failureOf(error);
  }
  const { missing, hasGap } = missingFrom(query, served, judge, failure !== undefined);
  const wrong = wrongIn(query, served, judge);
  const isAsBefore = !failure && missing === 0 && wrong.length === 0;
  const observation = { call: query.name, failure, missing, hasGap, wrong };
  return { observation: isAsBefore ? undefined : observation, eventsServed: served.length };
}

/** What was there before and is not served. */
function missingFrom(
  { expected, isGapless, backwards }: Query,
  served: readonly ServedEvent[],
  { isNew }: Judge,
  failed: boolean,
): Pick<CallObservation, "missing" | "hasGap"> {
  const positions = new Set(served.map(({ position }) => position));
  const wanted = expected.filter((position) => !isNew(position));
  const isServed = wanted.map((position) => positions.has(position));
  const [first, last] = [isServed.indexOf(true), isServed.lastIndexOf(true)];
  const within = isServed.slice(Math.max(first, 0), last + 1).includes(false);
  // Only the newest may be missing without a sign of it.
  const atOldest = backwards ? !failed && last + 1 < isServed.length : first > 0;
  const missing = isServed.filter((is) => !is).length;
  return { missing, hasGap: isGapless && first >= 0 && (within || atOldest) };
}

const NAMED_MAX = 3;

function wrongIn(query: Query, served: readonly ServedEvent[], judge: Judge): string[] {
  const expected = new Set(query.expected);
  const sentences: string[] = [];
  for (const [i, event] of served.entries()) {
    const { position } = event;
    const before = served[i - 1]?.position;
    const follows =
      before === undefined || (query.backwards ? position < before : position > before);
    if (!follows) sentences.push(`position ${position} comes after position ${before}`);
    if (!judge.isStored(event))
      sentences.push(`the bytes at position ${position} were never stored`);
    else if (!judge.isNew(position) && !expected.has(position)) {
      sentences.push(`position ${position} does not belong to the answer`);
    }
  }
  return sentences.slice(0, NAMED_MAX);
}
