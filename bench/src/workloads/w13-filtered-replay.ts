import { atLeast } from "../comparison/comparison.ts";
import { RARE_TAG } from "../database/shape.ts";
import { filteredReplay } from "../sides/replay.ts";
import type { Workload } from "../workload.ts";

/**
 * W13: replay of a log of one million events under a filter by a tag that one event in
 * a thousand carries, at random. Measured are the positions looked through per second,
 * by a raw client; the baseline is the replay without a filter.
 */
export const filtered: Workload = {
  id: "W13",
  title: "filtered replay, 0.1 % match",
  databases: ["million"],
  async prepare(lab) {
    const { events } = lab.database("million");
    const varve = await lab.varve("million");
    const rare = await filteredReplay(lab, varve, { name: "by tag", events, tag: RARE_TAG });
    const all = await filteredReplay(lab, varve, { name: "unfiltered", events });
    return {
      sides: [rare, all],
      comparisons: [
        {
          case: `by a tag, ${events.toLocaleString("en")} events`,
          unit: "positions/s",
          value: { side: rare },
          baseline: "unfiltered",
          against: [{ side: all }],
          goal: atLeast(20),
        },
      ],
    };
  },
};
