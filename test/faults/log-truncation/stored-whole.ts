import type { AppendInit } from "../../src/support/requests.ts";
import type { FinalLog, SeenEvent } from "../history.ts";
import type { Inspection } from "../power-loss/inspection.ts";
import type { Violation } from "../scenario.ts";
import type { Truncation } from "./cuts.ts";

/** What a log held before it was cut. */
export class StoredWhole {
  readonly #log: FinalLog;
  /** Positions that an append was stored up to. */
  readonly #ends: ReadonlySet<number>;

  constructor(log: FinalLog, appends: readonly AppendInit[]) {
    this.#log = log;
    const inside = new Set(
      appends.flatMap(({ events }) => events.slice(0, -1).map(({ event }) => event?.id)),
    );
    const ends = log.filter(({ id }) => !inside.has(id)).map(({ position }) => position);
    this.#ends = new Set([0, ...ends]);
  }

  /** What is wrong with what a server makes of it after a cut. */
  judge(truncation: Truncation, inspection: Inspection): Violation[] {
    const { kind, cut, least, most } = truncation;
    const at = `${kind} at byte ${cut.at}${cut.zeros > 0 ? `, with ${cut.zeros} zeros` : ""}`;
    if (inspection.case !== "opened") {
      // That more is gone than the last write can be damage.
      if (inspection.case === "refused" && least < most) return [];
      return [{ guarantee: "G1", message: `${at}: ${inspection.message}` }];
    }
    const { log, appendFailure } = inspection;
    const violations: Violation[] = [];
    const other = log.findIndex((event, i) => !isSame(event, this.#log[i]));
    if (other >= 0) {
      violations.push({
        guarantee: "G4",
        message: `${at}: position ${other + 1} is another event`,
      });
    }
    if (!this.#ends.has(log.length)) {
      const message = `${at}: the log ends at ${log.length}, in the middle of an append`;
      violations.push({ guarantee: "G2", message });
    }
    if (log.length < least || log.length > most) {
      const expected = least === most ? `${least}` : `${least} to ${most}`;
      const message = `${at}: there are ${log.length} events, expected are ${expected}`;
      violations.push({ guarantee: "G1", message });
    }
    if (appendFailure) {
      violations.push({ guarantee: "G1", message: `${at}: an append failed: ${appendFailure}` });
    }
    return violations;
  }
}

function isSame(event: SeenEvent, expected: SeenEvent | undefined): boolean {
  return JSON.stringify(event) === JSON.stringify(expected);
}
