import { atLeast, type Goal } from "../comparison/comparison.ts";
import type { PeerId, WorkloadId } from "./peer.ts";

/** A row of the table for each peer. */
export interface PeerWorkload {
  readonly id: WorkloadId;
  /** For people, for example `64 writers`. */
  readonly title: string;
  /** Calls on their way at a time. */
  readonly inFlight: number;
  readonly eventsPerAppend: number;
  /** What Varve has to reach of a peer. */
  readonly goals: Readonly<Partial<Record<PeerId, Goal>>>;
}

/** In the order of the table. */
export const peerWorkloads: readonly PeerWorkload[] = [
  {
    id: "one",
    title: "1 writer",
    inFlight: 1,
    eventsPerAppend: 1,
    goals: { umadb: atLeast(1), "umadb-pipelined": atLeast(1), nats: atLeast(1) },
  },
  {
    id: "many",
    title: "64 writers",
    inFlight: 64,
    eventsPerAppend: 1,
    goals: {
      umadb: atLeast(1),
      "umadb-pipelined": atLeast(1),
      emmett: atLeast(5),
      nats: atLeast(1),
    },
  },
  {
    id: "batches",
    title: "batches of 100, 8 in flight",
    inFlight: 8,
    eventsPerAppend: 100,
    goals: {},
  },
  {
    id: "conditional",
    title: "conditional append, 64 writers",
    inFlight: 64,
    eventsPerAppend: 1,
    goals: {},
  },
  {
    id: "catch-up",
    title: "catch-up read",
    inFlight: 1,
    eventsPerAppend: 100,
    goals: { emmett: atLeast(8) },
  },
];

export function peerWorkloadOf(id: WorkloadId): PeerWorkload {
  return peerWorkloads.find((workload) => workload.id === id) as PeerWorkload;
}
