import type { FinalLog, History } from "../history.ts";
import type { Violation } from "../scenario.ts";

/** G3: the revisions of each stream are 0, 1, 2 … in the order of the log. */
export function checkRevisions(_history: History, log: FinalLog): Violation[] {
  const next = new Map<string, number>();
  const violations: Violation[] = [];
  for (const { stream, revision, position, id } of log) {
    const expected = next.get(stream) ?? 0;
    if (revision !== expected) {
      const message = `event ${id} at position ${position} has revision ${revision} of ${stream}, not ${expected}`;
      violations.push({ guarantee: "G3", message });
    }
    next.set(stream, revision + 1);
  }
  return violations;
}
