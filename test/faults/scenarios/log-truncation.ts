import { rm } from "node:fs/promises";
import { join } from "node:path";
import { allCuts, type Truncation } from "../log-truncation/cuts.ts";
import { cutCopy } from "../log-truncation/newest-log.ts";
import { killServer } from "../log-truncation/prepare.ts";
import { StoredWhole } from "../log-truncation/stored-whole.ts";
import type { Inspection } from "../power-loss/inspection.ts";
import { Inspector } from "../power-loss/inspector.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";

/** Cuts the last writes off, as a loss of power in the middle of one can. */
export const logTruncation: Scenario = {
  name: "log-truncation",
  description:
    "LevelDB's newest log cut at every byte of its last record, at many of the one before, and anywhere; also with zeros in place of what was cut off",
  rounds: 1,
  run,
};

async function run(round: Round): Promise<RoundReport> {
  const killed = await killServer({ ...round, folder: join(round.folder, "killed") });
  await using inspector = new Inspector();
  const folder = join(round.folder, "cut");
  const inspect = async ({ cut }: Pick<Truncation, "cut">): Promise<Inspection> => {
    await cutCopy(killed.folder, folder, cut);
    const inspection = await inspector.inspect(folder);
    await rm(folder, { recursive: true });
    return inspection;
  };
  const whole = await inspect({ cut: { at: killed.ends[2], zeros: 0 } });
  if (whole.case !== "opened") throw new Error(`the log cannot be read: ${whole.message}`);
  const stored = new StoredWhole(whole.log, killed.appends);
  const faults: Record<string, number> = {};
  const violations: Violation[] = [];
  let refused = 0;
  for (const truncation of allCuts(killed, whole.log.length, round.random)) {
    if (round.signal.aborted) break;
    const inspection = await inspect(truncation);
    faults[truncation.kind] = (faults[truncation.kind] ?? 0) + 1;
    violations.push(...stored.judge(truncation, inspection));
    if (inspection.case === "refused") refused++;
  }
  return { faults, counts: { "refused as damaged": refused }, violations };
}
