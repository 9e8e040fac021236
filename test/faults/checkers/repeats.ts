import type { AppendOperation, FinalLog, History } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { rangeText } from "./acknowledged.ts";
import { nameOf, placesById, type SentAppend, sentAppends } from "./sent-appends.ts";

type Stored = Extract<AppendOperation["outcome"], { case: "stored" }>;
type StoredAttempt = AppendOperation & { readonly outcome: Stored };

/**
 * G6: whoever asks again gets the first result, and only the first is not marked as a
 * repeat. G7: nothing is stored twice, whether its outcome was known or not.
 */
export function checkRepeats(history: History, log: FinalLog): Violation[] {
  const places = placesById(log);
  return sentAppends(history).flatMap((sent) => [
    ...checkAnswers(sent),
    ...checkOnce(sent, places.get(sent.events[0]?.id ?? "") ?? []),
  ]);
}

function checkAnswers(sent: SentAppend): Violation[] {
  const stored = sent.attempts.filter(isStored);
  const [first] = stored;
  if (!first) return [];
  return [
    ...stored.slice(1).flatMap((attempt) => checkSame(sent, first, attempt)),
    ...checkMarks(sent, stored),
  ];
}

function checkSame(sent: SentAppend, first: StoredAttempt, again: StoredAttempt): Violation[] {
  if (resultText(first.outcome) === resultText(again.outcome)) return [];
  return [
    broken(
      sent,
      `was answered with ${resultText(first.outcome)}, and when it was sent again with ${resultText(again.outcome)}`,
    ),
  ];
}

function checkMarks(sent: SentAppend, stored: readonly StoredAttempt[]): Violation[] {
  const firsts = stored.filter(({ outcome }) => !outcome.repeat);
  if (firsts.length > 1) return [broken(sent, `was stored as new ${firsts.length} times`)];
  const [first] = firsts;
  const endedMs = Math.min(...stored.map((attempt) => attempt.endedMs));
  if (first && first.startedMs > endedMs) {
    return [broken(sent, "was stored as new after it had been acknowledged before")];
  }
  if (!first && sent.attempts.length === 1) {
    return [broken(sent, "was answered as a repeat, but was sent only once")];
  }
  return [];
}

function checkOnce(sent: SentAppend, positions: readonly number[]): Violation[] {
  if (positions.length < 2) return [];
  const { length } = sent.attempts;
  const message = `${nameOf(sent)} was sent ${length === 1 ? "once" : `${length} times`} and is stored ${positions.length} times, at ${positions.join(", ")}`;
  return [{ guarantee: length === 1 ? "G7" : "G6", message }];
}

function isStored(attempt: AppendOperation): attempt is StoredAttempt {
  return attempt.outcome.case === "stored";
}

/** The same for the same result. */
function resultText({ firstPosition, lastPosition, firstRevisions }: Stored): string {
  const revisions = Object.entries(firstRevisions).map((entry) => entry.join(" from "));
  return `${rangeText(firstPosition, lastPosition)}, ${revisions.sort().join(", ")}`;
}

function broken(sent: SentAppend, what: string): Violation {
  return { guarantee: "G6", message: `${nameOf(sent)} ${what}` };
}
