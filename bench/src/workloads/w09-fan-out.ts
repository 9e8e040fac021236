import { atLeast } from "../comparison/comparison.ts";
import { exampleAnswer } from "../sides/calls.ts";
import { exampleFrame, fanOut } from "../sides/fan-out.ts";
import type { Workload } from "../workload.ts";

const LOAD = { subscribers: 100, eventsPerAppend: 10, window: 16 } as const;

/**
 * W9: 100 live subscribers to the whole log, each on a connection of its own, while
 * appends of 10 events come as fast as the slowest subscriber gets them: 16 may be on
 * their way to someone. Measured are events delivered per second, to all together.
 * The baseline is a server that does nothing but send each subscriber a frame of the
 * same bytes for each append, without a disk (B3). Varve may put the events of several
 * appends into one frame, since it also writes them together.
 */
export const fanOutToMany: Workload = {
  id: "W9",
  title: "100 live subscribers",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const bare = await lab.bare();
    await bare.prepare({
      unary: await exampleAnswer(lab, varve, LOAD),
      published: await exampleFrame(lab, varve, LOAD.eventsPerAppend),
    });
    const live = await fanOut(lab, varve, { ...LOAD, name: "live subscribers" });
    const push = await fanOut(lab, bare, { ...LOAD, name: "B3 fan-out" });
    return {
      sides: [live, push],
      comparisons: [
        {
          case: "events to all together",
          unit: "events/s",
          value: { side: live },
          baseline: "B3 fan-out",
          against: [{ side: push }],
          goal: atLeast(0.8),
        },
      ],
    };
  },
};
