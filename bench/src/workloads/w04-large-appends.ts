import { atLeast, type Comparison } from "../comparison/comparison.ts";
import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { appends } from "../sides/calls.ts";
import { writeSide } from "../sides/disk.ts";
import type { Target } from "../sides/target.ts";
import type { Workload } from "../workload.ts";

/** Appends on their way at a time; the engine writes together what waits. */
const IN_FLIGHT = 8;
/** How many events are captured, for a repeat of a second and more; then they come again. */
const CAPTURED_EVENTS = 40_000;

/**
 * W4: appends of 100 and of 1,000 events, 8 in flight, by a raw client. Measured are
 * events per second. The limit is LevelDB alone (B1): the keys and values that the
 * engine writes for this load, in the same batches, each with its sync, written by a
 * program that does nothing else.
 */
export const largeAppends: Workload = {
  id: "W4",
  title: "large appends",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const hundred = await pair(lab, varve, 100, 0.6);
    const thousand = await pair(lab, varve, 1000, 0.75);
    return {
      sides: [...hundred.sides, ...thousand.sides],
      comparisons: [hundred.comparison, thousand.comparison],
    };
  },
};

/** Appends of so many events, by a raw client. */
export function appendsOf(lab: Lab, target: Target, eventsPerAppend: number): Promise<Side> {
  const name = `appends of ${eventsPerAppend.toLocaleString("en")}`;
  return appends(lab, target, { name, inFlight: IN_FLIGHT, eventsPerAppend });
}

async function pair(
  lab: Lab,
  varve: Target,
  eventsPerAppend: number,
  goal: number,
): Promise<{ sides: readonly [Side, Side]; comparison: Comparison }> {
  const side = await appendsOf(lab, varve, eventsPerAppend);
  const captured = CAPTURED_EVENTS * Math.min(1, lab.options.seconds);
  const events = Math.max(captured, 2 * IN_FLIGHT * eventsPerAppend);
  const load = { eventsPerAppend, inFlight: IN_FLIGHT, events };
  const batches = await writeSide(lab, load);
  return {
    sides: [side, batches],
    comparison: {
      case: `${eventsPerAppend.toLocaleString("en")} events per append`,
      unit: "events/s",
      value: { side },
      baseline: "B1",
      against: [{ side: batches }],
      goal: atLeast(goal),
    },
  };
}
