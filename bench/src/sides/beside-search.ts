import type { Side } from "../comparison/side.ts";
import { callOnce } from "../http2/call-once.ts";
import type { Lab } from "../lab.ts";
import { broadAppend, halves } from "../load/broad-requests.ts";
import { APPEND } from "./calls.ts";
import type { Target } from "./target.ts";

/** Puts events into the log that broad conditions are searched for among. */
export async function fillHalves(lab: Lab, target: Target, events: number): Promise<void> {
  const connection = await lab.connect(target.address);
  for (const append of halves(lab.random(), events)) await callOnce(connection, APPEND, append);
}

/** A side beside one caller whose appends have conditions as broad as can be, one after the other. */
export async function besideSearch(lab: Lab, target: Target, side: Side): Promise<Side> {
  const connection = await lab.connect(target.address);
  const append = broadAppend(lab.random());
  return {
    name: `${side.name} beside a broad condition`,
    measure: async (seconds) => {
      let isOver = false;
      const search = async (): Promise<void> => {
        // Each is refused when it has taken as many look-ups as it may.
        while (!isOver) await callOnce(connection, APPEND, append).catch(() => {});
      };
      const searching = search();
      try {
        return await side.measure(seconds);
      } finally {
        isOver = true;
        await searching;
      }
    },
  };
}
