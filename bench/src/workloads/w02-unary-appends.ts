import { atLeast } from "../comparison/comparison.ts";
import { appends, exampleAnswer } from "../sides/calls.ts";
import type { Workload } from "../workload.ts";

/**
 * W2: unary `Append` of one event each, 64 in flight, by a raw client with requests
 * that were made before: what a client in any language gets that does not pipeline.
 * Measured are appends per second, with an append id in each, as retries need them,
 * and without. The limit is the unary echo of the same bytes, driven by the same
 * client (B4).
 */
export const unaryAppends: Workload = {
  id: "W2",
  title: "unary Append, 64 in flight",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const bare = await lab.bare();
    await bare.prepare({ unary: await exampleAnswer(lab, varve) });
    const load = { inFlight: 64, withAppendIds: true };
    const withIds = await appends(lab, varve, { ...load, name: "append with ids" });
    const without = await appends(lab, varve, {
      inFlight: 64,
      name: "append without ids",
    });
    const echo = await appends(lab, bare, { ...load, name: "B4 unary echo" });
    const against = { baseline: "B4", against: [{ side: echo }], goal: atLeast(0.7) } as const;
    return {
      sides: [withIds, echo, without],
      comparisons: [
        { case: "without append ids", unit: "events/s", value: { side: without }, ...against },
        { case: "with append ids", unit: "events/s", value: { side: withIds }, ...against },
      ],
    };
  },
};
