import type { FinalLog, History, SeenEvent } from "../history.ts";
import type { Violation } from "../scenario.ts";

/** G4: the positions of the log are 1, 2, 3 …, and its times never decrease. */
export function checkPositions(_history: History, log: FinalLog): Violation[] {
  return log.flatMap((event, i) => [...placeOf(event, log[i - 1]), ...timeOf(event, log[i - 1])]);
}

function placeOf({ position, id }: SeenEvent, before: SeenEvent | undefined): Violation[] {
  const expected = (before?.position ?? 0) + 1;
  if (position === expected) return [];
  const message = `event ${id} has position ${position}, where ${expected} would follow`;
  return [{ guarantee: "G4", message }];
}

function timeOf({ position, recordedAtMs }: SeenEvent, before: SeenEvent | undefined): Violation[] {
  if (!before || recordedAtMs >= before.recordedAtMs) return [];
  const earlier = before.recordedAtMs - recordedAtMs;
  const message = `position ${position} was recorded ${earlier} ms before position ${before.position}`;
  return [{ guarantee: "G4", message }];
}
