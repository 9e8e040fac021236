import type { Comparison } from "../comparison/comparison.ts";
import type { Side } from "../comparison/side.ts";
import type { PeerId, WorkloadId } from "./peer.ts";
import { peerWorkloadOf } from "./workloads.ts";

/** Of times, where less is better. All other rows are in events per second. */
export const TIME_UNIT = "µs";

/** The rows of a workload: Varve's figure, and the peer's as its baseline. */
export function comparisonsOf(
  workload: WorkloadId,
  { id, varve, peer }: { readonly id: PeerId; readonly varve: Side; readonly peer: Side },
): readonly Comparison[] {
  const { title, goals } = peerWorkloadOf(workload);
  const goal = goals[id];
  const rate: Comparison = {
    case: title,
    unit: "events/s",
    value: { side: varve },
    baseline: id,
    against: [{ side: peer }],
    ...(goal && { goal }),
  };
  if (workload !== "one") return [rate];
  const time: Comparison = {
    case: `${title}, median time`,
    unit: TIME_UNIT,
    value: { side: varve, detail: "p50Us" },
    baseline: id,
    against: [{ side: peer, detail: "p50Us" }],
  };
  return [rate, time];
}
