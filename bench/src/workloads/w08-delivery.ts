import { atLeast, type Comparison, valueAtMost } from "../comparison/comparison.ts";
import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { appends, exampleAnswer } from "../sides/calls.ts";
import { delivery } from "../sides/delivery.ts";
import { syncSide } from "../sides/disk.ts";
import { exampleFrame } from "../sides/fan-out.ts";
import type { Target } from "../sides/target.ts";
import type { Workload } from "../workload.ts";

/**
 * W8: from the moment at which an append is acknowledged to that at which a live
 * subscriber has its event, while appends come at half the rate that W2 reaches.
 * Appends and subscription are two connections of one process, so that one clock
 * measures both. Since an append is acknowledged after its sync, this is the time over
 * the sync; it is negative where the event comes first. The baseline is a server that
 * does nothing, at the same rate: it sends a frame of the same bytes to its subscriber
 * and acknowledges (B3). That no event comes before it is durable is shown by the time
 * from sent to delivered: the least of it is not less than the least of a sync (B0).
 */
export const deliveryTimes: Workload = {
  id: "W8",
  title: "acknowledged to delivered, at half load",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const bare = await lab.bare();
    await bare.prepare({
      unary: await exampleAnswer(lab, varve),
      published: await exampleFrame(lab, varve, 1),
    });
    const appendsPerSecond = await halfLoad(lab, varve);
    const options = { name: "delivery", appendsPerSecond };
    const live = await delivery(lab, varve, { ...options, answersHavePositions: true });
    const push = await delivery(lab, bare, { ...options, answersHavePositions: false });
    const sync = await syncSide(lab);
    return {
      sides: [live, push, sync],
      comparisons: comparisons(live, push, sync),
      notes: [`half load is ${Math.round(appendsPerSecond).toLocaleString("en")} appends/s`],
    };
  },
};

function comparisons(live: Side, push: Side, sync: Side): readonly Comparison[] {
  return [
    {
      case: "acknowledged to delivered, p50",
      unit: "ms",
      value: { side: live },
      baseline: "B3 push",
      against: [{ side: push }],
      goal: valueAtMost(1),
    },
    {
      case: "acknowledged to delivered, p99",
      unit: "ms",
      value: { side: live, detail: "p99Ms" },
      baseline: "B3 push",
      against: [{ side: push, detail: "p99Ms" }],
      goal: valueAtMost(5),
    },
    {
      case: "sent to delivered, p50",
      unit: "ms",
      value: { side: live, detail: "sentToDeliveredMs" },
      baseline: "B0 + B3 push",
      against: [{ side: sync }, { side: push, detail: "sentToDeliveredMs" }],
    },
    {
      case: "sent to delivered, least",
      unit: "ms",
      value: { side: live, detail: "leastSentToDeliveredMs" },
      baseline: "B0 least",
      against: [{ side: sync, detail: "leastMs" }],
      goal: atLeast(1),
    },
  ];
}

/** Half of what W2 reaches, appends per second; the first run only warms up. */
async function halfLoad(lab: Lab, varve: Target): Promise<number> {
  const side = await appends(lab, varve, { name: "load", inFlight: 64 });
  await side.measure(lab.options.seconds);
  const { value } = await side.measure(lab.options.seconds);
  return value / 2;
}
