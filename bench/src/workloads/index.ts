import type { Workload } from "../workload.ts";
import { oneWriter } from "./w01-one-writer.ts";
import { unaryAppends } from "./w02-unary-appends.ts";
import { sdkAppends } from "./w03-sdk-appends.ts";
import { largeAppends } from "./w04-large-appends.ts";
import { conditions } from "./w05-conditions.ts";
import { replay } from "./w06-replay.ts";
import { loadStream } from "./w07-load-stream.ts";
import { deliveryTimes } from "./w08-delivery.ts";
import { fanOutToMany } from "./w09-fan-out.ts";
import { readersBeside } from "./w10-readers-beside.ts";
import { largeLog } from "./w11-large-log.ts";
import { restarts } from "./w12-restart.ts";
import { filtered } from "./w13-filtered-replay.ts";
import { besideBroadConditions } from "./w14-beside-search.ts";

/** All of them, in the order in which they run. */
export const workloads: readonly Workload[] = [
  oneWriter,
  unaryAppends,
  sdkAppends,
  largeAppends,
  conditions,
  replay,
  loadStream,
  deliveryTimes,
  fanOutToMany,
  readersBeside,
  largeLog,
  restarts,
  filtered,
  besideBroadConditions,
];

/** Throws `RangeError` if there is none of this name. */
export function workloadOf(id: string): Workload {
  const found = workloads.find((workload) => workload.id === id);
  if (!found) throw new RangeError(`there is no workload ${id}`);
  return found;
}
