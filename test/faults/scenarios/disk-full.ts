import { join } from "node:path";
import { checkAll } from "../checkers/index.ts";
import { type Level, levels, reserveLevel } from "../disk-full/levels.ts";
import { Stage } from "../disk-full/stage.ts";
import { countsOf } from "../load/counts.ts";
import type { Round, RoundReport, Scenario } from "../scenario.ts";
import { NotStartedError } from "../server.ts";

const LEVELS_MAX = 3;

/** Takes the space away that the server needs, and gives it back. */
export const diskFull: Scenario = {
  name: "disk-full",
  description:
    "a small disk, or a limit on the size of files, leaves no space at random moments under " +
    "load: at once, by the log itself, when tables are written, at the start, and into the reserve",
  rounds: 3,
  run: runRound,
};

async function runRound(round: Round): Promise<RoundReport> {
  await using stage = await Stage.set(round);
  const faults: Record<string, number> = {};
  try {
    for (const { name, run } of chooseLevels(round)) {
      if (round.signal.aborted) break;
      await run(stage);
      faults[name] = (faults[name] ?? 0) + 1;
    }
    const { history, log } = await stage.end();
    const violations = [...stage.violations, ...checkAll(history, log)];
    if (violations.length > 0) await stage.disk.copyTo(join(round.folder, "kept"));
    return { faults, counts: { ...countsOf(history, log), ...stage.counts }, violations };
  } catch (error) {
    if (!(error instanceof NotStartedError)) throw error;
    await stage.disk.copyTo(join(round.folder, "kept"));
    const message = `with enough space ${error.message}`;
    const violations = [...stage.violations, { guarantee: "G10" as const, message }];
    return { faults, counts: stage.counts, violations };
  }
}

/** Some without a reserve of free space, and then one with it. */
function chooseLevels({ random }: Round): Level[] {
  const count = random.integer(1, LEVELS_MAX);
  return [...Array.from({ length: count }, () => random.pick(levels)), reserveLevel];
}
