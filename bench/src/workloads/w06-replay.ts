import { atLeast } from "../comparison/comparison.ts";
import { scanSide } from "../sides/disk.ts";
import { bareStream, rawReplay, replayFrames, sdkReplay } from "../sides/replay.ts";
import type { Workload } from "../workload.ts";

/**
 * W6: the whole log from its first event to its last, over and over. Measured are
 * events per second that a raw client drains without looking at them, and that a
 * program gets from the SDK and parses, every one. The limit of the first is a server
 * stream of the same frames from a server that holds them in memory and does nothing
 * else (B3); of the second, the first. For information: a scan of the same blocks by
 * LevelDB alone (B2).
 */
export const replay: Workload = {
  id: "W6",
  title: "replay of the whole log",
  databases: ["base"],
  async prepare(lab) {
    const { events } = lab.database("base");
    const varve = await lab.varve();
    const bare = await lab.bare();
    const frames = await replayFrames(lab, varve, events);
    await bare.prepare({ frames });
    const raw = await rawReplay(lab, varve, events);
    const stream = await bareStream(lab, bare, frames, events);
    const sdk = sdkReplay(lab, varve, events);
    const scan = scanSide(lab, lab.clone("base"));
    return {
      sides: [raw, stream, sdk, scan],
      comparisons: [
        {
          case: "raw client",
          unit: "events/s",
          value: { side: raw },
          baseline: "B3 stream",
          against: [{ side: stream }],
          goal: atLeast(0.8),
        },
        {
          case: "SDK, every event parsed",
          unit: "events/s",
          value: { side: sdk },
          baseline: "raw client",
          against: [{ side: raw }],
          goal: atLeast(0.6),
        },
        {
          case: "raw client",
          unit: "events/s",
          value: { side: raw },
          baseline: "B2",
          against: [{ side: scan }],
        },
      ],
    };
  },
};
