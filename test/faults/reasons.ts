import type { ErrorReason } from "@varve/proto";

/** A reason of `error.proto`, or what stands for one where the call itself broke. */
export type ReasonName = keyof typeof ErrorReason | "CONNECTION_LOST";
