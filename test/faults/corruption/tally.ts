import type { RoundReport, Violation } from "../scenario.ts";
import type { Case, Verdict } from "./judge.ts";
import type { StoredData } from "./stored.ts";

/** What a damage breaks is one violation, however many calls show it. */
const NAMED_MAX = 3;

/** Adds up what came of the damages of a round. */
export class Tally {
  readonly #faults: Record<string, number> = {};
  readonly #counts: Record<string, number> = {};
  readonly #violations: Violation[];

  /** `violations`: what did not hold before anything was damaged. */
  constructor({ workspaces }: StoredData, violations: readonly Violation[]) {
    this.#violations = [...violations];
    const events = workspaces.reduce((sum, stored) => sum + stored.events.length, 0);
    count(this.#counts, "events stored", events);
  }

  add({ damage, outcome, verification }: Case, { reporter, isEndLost, violations }: Verdict): void {
    if (damage) {
      count(this.#faults, `${damage.kind}: ${damage.file.type}`);
      const silent = isEndLost ? "newest events lost with the end of a log" : "without effect";
      count(this.#counts, reporter === "nobody" ? silent : `reported by ${reporter}`);
    }
    if (verification) count(this.#counts, "verified");
    if (outcome.case === "observed") {
      count(this.#counts, "events served", outcome.observation.eventsServed);
    }
    const what = damage?.description ?? "nothing damaged";
    const more = violations.length > NAMED_MAX ? [`and ${violations.length - NAMED_MAX} more`] : [];
    if (violations.length === 0) return;
    const message = [...violations.slice(0, NAMED_MAX), ...more].join("; ");
    this.#violations.push({ guarantee: "G11", message: `${what}: ${message}` });
  }

  report(): RoundReport {
    return { faults: this.#faults, counts: this.#counts, violations: this.#violations };
  }
}

function count(counts: Record<string, number>, name: string, more = 1): void {
  counts[name] = (counts[name] ?? 0) + more;
}
