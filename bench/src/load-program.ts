/**
 * The load generator: runs one workload and answers with its results. A process of its
 * own, so that each workload begins with code that nothing else has warmed or spoilt.
 */
import { resultOf } from "./comparison/result.ts";
import { measureRounds } from "./comparison/rounds.ts";
import { Lab } from "./lab.ts";
import type { LoadCalls, WorkloadResults } from "./load-process.ts";
import { serveCalls } from "./process/remote.ts";
import { median } from "./statistics.ts";
import { workloadOf } from "./workloads/index.ts";

serveCalls<LoadCalls>({
  async run({ id, lab: options, repeats }): Promise<WorkloadResults> {
    const workload = workloadOf(id);
    await using lab = new Lab(options);
    const { sides, comparisons, notes = [] } = await workload.prepare(lab);
    const rounds = await measureRounds(sides, { count: repeats, seconds: options.seconds });
    const others = rounds.flatMap((round) =>
      [...round.values()].flatMap(({ cpu }) => cpu.othersBusy ?? []),
    );
    return {
      results: comparisons.map((comparison) => resultOf(workload, comparison, rounds)),
      notes: notes.map((note) => `${id}: ${note}`),
      ...(others.length > 0 && { othersBusy: median(others) }),
    };
  },
});
