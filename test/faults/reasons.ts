import type { ErrorReason } from "@varve/proto";

/** A reason of `error.proto`, or what stands for one where the call itself broke. */
export type ReasonName = keyof typeof ErrorReason | "CONNECTION_LOST";

/** What every client has to reckon with, whatever the fault. */
const ORDINARY: readonly ReasonName[] = ["CONDITION_FAILED", "CONNECTION_LOST", "SERVER_STOPPING"];

/** Whether a call may fail with this reason when the faults of the round explain the `expected`. */
export function isExplained(reason: ReasonName, expected: readonly ReasonName[] = []): boolean {
  return ORDINARY.includes(reason) || expected.includes(reason);
}
