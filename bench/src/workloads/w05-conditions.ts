import { atLeast } from "../comparison/comparison.ts";
import { conditionalAppends } from "../sides/conditional.ts";
import type { Workload } from "../workload.ts";

/**
 * W5: the load of W2 under conditions that hold. Each append expects its stream at the
 * revision, or no event with its stream's tag after the position, that the append
 * before it was answered with. The baseline is the same load, of the same events with
 * the same tags, without a condition.
 */
export const conditions: Workload = {
  id: "W5",
  title: "conditional appends, 64 in flight",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const plain = await conditionalAppends(lab, varve, "none", false);
    const revision = await conditionalAppends(lab, varve, "revision", false);
    const plainTagged = await conditionalAppends(lab, varve, "none", true);
    const query = await conditionalAppends(lab, varve, "query", true);
    return {
      sides: [plain, revision, plainTagged, query],
      comparisons: [
        {
          case: "expected revision",
          unit: "events/s",
          value: { side: revision },
          baseline: "without",
          against: [{ side: plain }],
          goal: atLeast(0.9),
        },
        {
          case: "query by a tag",
          unit: "events/s",
          value: { side: query },
          baseline: "without",
          against: [{ side: plainTagged }],
          goal: atLeast(0.75),
        },
      ],
    };
  },
};
