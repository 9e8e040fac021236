import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Verification, VerificationSchema } from "@varve/proto";
import type { VerifyReport } from "./verify-database.js";

interface State {
  readonly startedAtMs: number;
  finishedAtMs?: number;
  position: number;
  findings: number;
}

/** The check of each workspace that is under way, or else the latest. */
export class Verifications {
  readonly #states = new Map<string, State>();

  /** `clock` tells the time, in ms since 1970. */
  constructor(private readonly clock: () => number) {}

  /** As `GetStatus` reports it; `undefined` if there has been none. */
  of(workspace: string): Verification | undefined {
    const state = this.#states.get(workspace);
    if (!state) return undefined;
    const { startedAtMs, finishedAtMs, position, findings } = state;
    return create(VerificationSchema, {
      startedAt: timestampFromMs(startedAtMs),
      ...(finishedAtMs !== undefined && { finishedAt: timestampFromMs(finishedAtMs) }),
      position: BigInt(position),
      findings: BigInt(findings),
    });
  }

  /**
   * Passes the reports of a check on, and remembers what they say. A check that is
   * cut off leaves the one before it. `findingsBefore` are counted in.
   */
  async *follow(
    workspace: string,
    reports: AsyncIterable<VerifyReport>,
    findingsBefore: number,
  ): AsyncGenerator<VerifyReport> {
    const before = this.#states.get(workspace);
    const state: State = { startedAtMs: this.clock(), position: 0, findings: findingsBefore };
    this.#states.set(workspace, state);
    try {
      for await (const report of reports) {
        note(state, report);
        if (report.type === "summary") state.finishedAtMs = this.clock();
        yield report;
      }
    } finally {
      const isCutOff = state.finishedAtMs === undefined && this.#states.get(workspace) === state;
      if (isCutOff && before) this.#states.set(workspace, before);
      else if (isCutOff) this.#states.delete(workspace);
    }
  }
}

function note(state: State, report: VerifyReport): void {
  if (report.type === "finding") state.findings++;
  else state.position = report.type === "progress" ? report.position : report.head;
}
