import { atLeast } from "../comparison/comparison.ts";
import { exampleStream, readEcho, tenEventReads } from "../sides/reads.ts";
import type { Workload } from "../workload.ts";

/**
 * W7: 64 readers that each load a stream of ten events, then another: what a command
 * does before it decides. The ten events are spread over the log. Measured are streams
 * per second by a raw client. The limit is a unary echo of as many bytes each way,
 * driven by the same client (B4).
 */
export const loadStream: Workload = {
  id: "W7",
  title: "load a stream of ten events, 64 readers",
  databases: ["base"],
  async prepare(lab) {
    const { events } = lab.database("base");
    const varve = await lab.varve();
    const bare = await lab.bare();
    await bare.prepare({ unary: await exampleStream(lab, varve, events) });
    const reads = await tenEventReads(lab, varve, events);
    const echo = await readEcho(lab, bare, events);
    return {
      sides: [reads, echo],
      comparisons: [
        {
          case: "raw client",
          unit: "streams/s",
          value: { side: reads },
          baseline: "B4",
          against: [{ side: echo }],
          goal: atLeast(0.7),
        },
      ],
    };
  },
};
