import { create, toBinary } from "@bufbuild/protobuf";
import { type Filter, FilterSchema, ReplayRequestSchema } from "@varve/proto";
import type { Side } from "../comparison/side.ts";
import { callOnce, drain, pathOf } from "../http2/call-once.ts";
import type { Lab } from "../lab.ts";
import { PAYLOAD_BYTES } from "../load/payload.ts";
import { metered, type Work } from "../machine/meter.ts";
import { sdkOf } from "./sdk.ts";
import type { Target } from "./target.ts";

const REPLAY = pathOf("Replay");
/** A log that is longer is replayed part by part, each in a call of its own. */
const PART_EVENTS = 100_000;

/** The parts of a log, over and over. */
function partsOf(events: number): () => { from: number; to: number; count: number } {
  let next = 1;
  return () => {
    const from = next;
    const to = Math.min(events, from + PART_EVENTS - 1);
    next = to === events ? 1 : to + 1;
    return { from, to, count: to - from + 1 };
  };
}

/** A replay whose answer is drained and never looked at; events per second. */
export async function rawReplay(
  lab: Lab,
  target: Target,
  events: number,
  name = "raw replay",
): Promise<Side> {
  const connection = await lab.connect(target.address);
  const parts = partsOf(events);
  return repeated(name, target, async () => {
    const { from, to, count } = parts();
    const bytes = await drain(connection, REPLAY, replayRequest(from, to));
    if (bytes < count * PAYLOAD_BYTES) throw new Error("the replay is too short");
    return count;
  });
}

/** A replay by the SDK, whose caller looks at the parsed data of every event. */
export function sdkReplay(lab: Lab, target: Target, events: number): Side {
  const client = sdkOf(lab, target);
  const parts = partsOf(events);
  return repeated("SDK replay", target, async () => {
    const { from, to, count } = parts();
    let seen = 0;
    for await (const event of client.replay({ from, to })) if (event.data !== undefined) seen++;
    if (seen !== count) throw new Error(`the replay has ${seen} events in place of ${count}`);
    return count;
  });
}

/** B3: the same frames from a bare server. `frames`: of the first part of the log. */
export async function bareStream(
  lab: Lab,
  target: Target,
  frames: readonly Buffer[],
  events: number,
): Promise<Side> {
  const connection = await lab.connect(target.address);
  const count = partsOf(events)().count;
  const expected = frames.reduce((sum, frame) => sum + 5 + frame.length, 0);
  return repeated("B3 server stream", target, async () => {
    const bytes = await drain(connection, REPLAY, replayRequest(1, count));
    if (bytes !== expected) throw new Error("the stream is not as long as it was prepared");
    return count;
  });
}

/** The frames that Varve answers the replay of the first part of a log with. */
export async function replayFrames(
  lab: Lab,
  target: Target,
  events: number,
): Promise<readonly Buffer[]> {
  const { from, to } = partsOf(events)();
  return callOnce(await lab.connect(target.address), REPLAY, replayRequest(from, to));
}

/**
 * The whole log under a filter, or without one; its value is the positions looked
 * through per second.
 */
export async function filteredReplay(
  lab: Lab,
  target: Target,
  options: { readonly name: string; readonly events: number; readonly tag?: string },
): Promise<Side> {
  const connection = await lab.connect(target.address);
  const { events, tag } = options;
  const filter = tag === undefined ? undefined : create(FilterSchema, { anyOf: [{ tags: [tag] }] });
  const request = replayRequest(1, events, filter);
  return repeated(options.name, target, async () => {
    await drain(connection, REPLAY, request);
    return events;
  });
}

function repeated(name: string, target: Target, once: () => Promise<number>): Side {
  const run = async (seconds: number): Promise<Work> => {
    const startedMs = performance.now();
    let events = 0;
    do events += await once();
    while (performance.now() < startedMs + seconds * 1000);
    return { events, seconds: (performance.now() - startedMs) / 1000 };
  };
  return { name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

export function replayRequest(from: number, to: number, filter?: Filter): Buffer {
  const request = create(ReplayRequestSchema, {
    fromPosition: BigInt(from),
    toPosition: BigInt(to),
    ...(filter && { filter }),
  });
  return Buffer.from(toBinary(ReplayRequestSchema, request));
}
