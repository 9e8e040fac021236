import { atLeast, type Comparison } from "../comparison/comparison.ts";
import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { appends, oneAppender } from "../sides/calls.ts";
import { conditionalAppends } from "../sides/conditional.ts";
import { tenEventReads } from "../sides/reads.ts";
import { rawReplay } from "../sides/replay.ts";
import { callers, sdkAppend } from "../sides/sdk.ts";
import type { Target } from "../sides/target.ts";
import type { Workload } from "../workload.ts";
import { appendsOf } from "./w04-large-appends.ts";

/** One of W1 to W7, on a server whose log has so many events. */
interface Case {
  readonly name: string;
  readonly unit: string;
  readonly detail?: string;
  side(lab: Lab, target: Target, events: number): Side | Promise<Side>;
}

const cases: readonly Case[] = [
  {
    name: "W1 one writer",
    unit: "events/s",
    detail: "perSecond",
    side: (lab, target) => oneAppender(lab, target, "one writer"),
  },
  {
    name: "W2 unary appends",
    unit: "events/s",
    side: (lab, target) => appends(lab, target, { name: "W2", inFlight: 64 }),
  },
  {
    name: "W3 SDK, 1,024 callers",
    unit: "events/s",
    side: (lab, target) => callers("W3", target, 1024, sdkAppend(lab, target)),
  },
  {
    name: "W4 appends of 1,000",
    unit: "events/s",
    side: (lab, target) => appendsOf(lab, target, 1000),
  },
  {
    name: "W5 expected revision",
    unit: "events/s",
    side: (lab, target) => conditionalAppends(lab, target, "revision", false),
  },
  {
    name: "W5 query by a tag",
    unit: "events/s",
    side: (lab, target) => conditionalAppends(lab, target, "query", true),
  },
  {
    name: "W6 raw replay",
    unit: "events/s",
    side: (lab, target, events) => rawReplay(lab, target, events),
  },
  {
    name: "W7 streams of ten",
    unit: "streams/s",
    side: (lab, target, events) => tenEventReads(lab, target, events),
  },
];

/**
 * W11: W1 to W7 on a log of ten million events (one million in a short run, which the
 * result says), each against the same on a log of 100,000. Two servers run; the one
 * that is not measured does nothing.
 */
export const largeLog: Workload = {
  id: "W11",
  title: "W1 to W7 on a large log",
  databases: ["base", "large"],
  async prepare(lab) {
    const large = await lab.varve("large");
    const base = await lab.varve("base");
    const [many, few] = [lab.database("large").events, lab.database("base").events];
    const sides: Side[] = [];
    const comparisons: Comparison[] = [];
    for (const { name, unit, detail, side } of cases) {
      const onLarge = await side(lab, large, many);
      const onBase = await side(lab, base, few);
      sides.push(onLarge, onBase);
      comparisons.push({
        case: `${name} at ${many.toLocaleString("en")}`,
        unit,
        value: { side: onLarge, ...(detail && { detail }) },
        baseline: `at ${few.toLocaleString("en")}`,
        against: [{ side: onBase, ...(detail && { detail }) }],
        goal: atLeast(0.85),
      });
    }
    return { sides, comparisons };
  },
};
