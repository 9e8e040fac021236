import { describe, expect, it } from "vitest";
import type { Sample } from "../machine/meter.ts";
import { atLeast, type Comparison, valueAtMost } from "./comparison.ts";
import { resultOf, saturationOf } from "./result.ts";
import type { Round } from "./rounds.ts";
import type { Side } from "./side.ts";

function side(name: string): Side {
  return { name, measure: () => Promise.reject(new Error("is not measured here")) };
}

function sample(value: number, serverBusy = 0.5, clientBusy = 0.5): Sample {
  const cpu = { serverUsPerEvent: 10, clientUsPerEvent: 5, serverBusy, clientBusy };
  return { value, details: { p99Ms: value * 10 }, cpu };
}

const [value, disk, echo] = [side("value"), side("disk"), side("echo")];
const comparison: Comparison = {
  case: "a case",
  unit: "events/s",
  value: { side: value },
  baseline: "B0 + B4",
  against: [{ side: disk }, { side: echo }],
  goal: atLeast(0.5),
};
const workload = { id: "W1", title: "a title" };

function rounds(...values: [value: number, disk: number, echo: number][]): Round[] {
  return values.map(
    ([a, b, c]) =>
      new Map([
        [value, sample(a)],
        [disk, sample(b)],
        [echo, sample(c)],
      ]),
  );
}

describe("a result", () => {
  it("has medians, spreads, and the median of the ratios of the rounds", () => {
    const result = resultOf(workload, comparison, rounds([10, 10, 10], [30, 20, 30], [40, 20, 20]));
    expect(result).toMatchObject({
      id: "W1",
      value: 30,
      baselineValue: 40,
      ratio: 0.6,
      goal: 0.5,
      met: true,
      repeats: 3,
      spread: { value: [10, 40], baselineValue: [20, 50], ratio: [0.5, 1] },
      details: { p99Ms: 300 },
    });
  });

  it("can be about a detail, and have a goal for the value itself", () => {
    const p99 = { value: { side: value, detail: "p99Ms" }, goal: valueAtMost(50) };
    const result = resultOf(workload, { ...comparison, ...p99 }, rounds([10, 1, 1]));
    expect(result).toMatchObject({ value: 100, goalOn: "value", goalIs: "at most", met: false });
  });

  it("has no goal if none is given", () => {
    const { goal: _, ...information } = comparison;
    expect(resultOf(workload, information, rounds([1, 1, 1]))).not.toHaveProperty("met");
  });

  it("refuses a figure that was not measured", () => {
    const unknown = { ...comparison, value: { side: value, detail: "nothing" } };
    expect(() => resultOf(workload, unknown, rounds([1, 1, 1]))).toThrow("value has no nothing");
  });
});

describe("saturation", () => {
  it.each([
    [0.5, 0.99, "client"],
    [0.96, 0.5, "server"],
    [0.97, 0.98, "both"],
    [0.5, 0.5, "neither"],
  ] as const)("with the server at %f and the client at %f is of %s", (server, client, expected) => {
    expect(saturationOf(sample(1, server, client).cpu)).toBe(expected);
  });

  it("is not known without the server's time", () => {
    expect(saturationOf({ clientBusy: 1, clientUsPerEvent: 1 })).toBe("unknown");
  });
});
