import { atMost, valueAtMost } from "../comparison/comparison.ts";
import { restart } from "../sides/restart.ts";
import type { Workload } from "../workload.ts";

/**
 * W12: the start after a kill -9 under load, on a log of ten million events (one
 * million in a short run, which the result says). Measured is the time from the start
 * of the process to the answer to its first call, and the resident memory then and
 * after a replay of 100,000 events. The baseline is the same on a log of 100,000.
 */
export const restarts: Workload = {
  id: "W12",
  title: "start after kill -9",
  databases: ["base", "large"],
  async prepare(lab) {
    const large = restart(lab, "large");
    const base = restart(lab, "base");
    const at = `at ${lab.database("large").events.toLocaleString("en")}`;
    const baseline = `at ${lab.database("base").events.toLocaleString("en")}`;
    return {
      sides: [large, base],
      comparisons: [
        {
          case: `start ${at}`,
          unit: "s",
          value: { side: large },
          baseline,
          against: [{ side: base }],
          goal: valueAtMost(2),
        },
        {
          case: `memory after the start ${at}`,
          unit: "MiB",
          value: { side: large, detail: "startedMiB" },
          baseline,
          against: [{ side: base, detail: "startedMiB" }],
          goal: atMost(1.5),
        },
        {
          case: `memory after a replay ${at}`,
          unit: "MiB",
          value: { side: large, detail: "replayedMiB" },
          baseline,
          against: [{ side: base, detail: "replayedMiB" }],
          goal: atMost(1.5),
        },
      ],
    };
  },
};
