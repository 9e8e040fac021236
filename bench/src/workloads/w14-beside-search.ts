import { valueAtMost } from "../comparison/comparison.ts";
import { besideSearch, fillHalves } from "../sides/beside-search.ts";
import { oneAppender } from "../sides/calls.ts";
import type { Workload } from "../workload.ts";

/**
 * W14: the load of W1, one appender that waits for each append, while another sends
 * appends of 64 query conditions with 32 clauses each, of which none matches anything and
 * each has to be looked up among 100,000 events. Measured is how long the first one waits;
 * the baseline is the same alone.
 */
export const besideBroadConditions: Workload = {
  id: "W14",
  title: "others while a broad condition is searched for",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    await fillHalves(lab, varve, lab.database("base").events);
    const alone = await oneAppender(lab, varve, "one appender");
    const beside = await besideSearch(lab, varve, alone);
    return {
      sides: [alone, beside],
      comparisons: [
        {
          case: "append, p50",
          unit: "ms",
          value: { side: beside },
          baseline: "alone",
          against: [{ side: alone }],
        },
        {
          case: "append, p99",
          unit: "ms",
          value: { side: beside, detail: "p99Ms" },
          baseline: "alone",
          against: [{ side: alone, detail: "p99Ms" }],
          goal: valueAtMost(50),
        },
      ],
    };
  },
};
