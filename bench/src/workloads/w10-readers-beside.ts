import { atLeast } from "../comparison/comparison.ts";
import { appendLoad, appends } from "../sides/calls.ts";
import { besideReaders } from "../sides/catching-up.ts";
import type { Workload } from "../workload.ts";

/**
 * W10: the load of W2 beside 4 subscribers that catch up from the beginning of the
 * log, over and over, as fast as they can. Measured are appends per second; the
 * baseline is the same without readers. What the readers get is among the details.
 */
export const readersBeside: Workload = {
  id: "W10",
  title: "4 readers catching up beside W2",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const alone = await appends(lab, varve, { name: "W2 alone", inFlight: 64 });
    const beside = await besideReaders(lab, varve, {
      name: "W2 beside readers",
      readers: 4,
      run: await appendLoad(lab, varve, { inFlight: 64 }),
    });
    return {
      sides: [alone, beside],
      comparisons: [
        {
          case: "appends",
          unit: "events/s",
          value: { side: beside },
          baseline: "alone",
          against: [{ side: alone }],
          goal: atLeast(0.7),
        },
      ],
    };
  },
};
