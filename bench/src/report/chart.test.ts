import { describe, expect, it } from "vitest";
import type { Result } from "../comparison/result.ts";
import { chartOf, scoreOf } from "./chart.ts";
import type { Report } from "./report.ts";

const result: Result = {
  id: "W2",
  title: "unary <Append> & more",
  case: "64 in flight",
  value: 7000,
  unit: "events/s",
  baseline: "B4",
  baselineValue: 10_000,
  ratio: 0.7,
  goal: 0.7,
  goalOn: "ratio",
  goalIs: "at least",
  met: true,
  spread: { value: [6900, 7100], baselineValue: [9900, 10_100], ratio: [0.69, 0.71] },
  cpu: { clientUsPerEvent: 10, clientBusy: 0.2 },
  baselineCpu: { clientUsPerEvent: 10, clientBusy: 0.2 },
  saturated: "unknown",
  baselineSaturated: "unknown",
  details: {},
  repeats: 5,
};

function reportOf(...results: Result[]): Report {
  return {
    machine: "a machine",
    system: "linux",
    date: "2030-01-02T03:04:05.000Z",
    versions: { node: "24.0.0" },
    command: "npm run bench",
    seconds: 1.5,
    repeats: 5,
    pinned: true,
    events: {},
    sync: { p50Us: 400, p99Us: 500, leastUs: 300, bytes: 500, durable: true },
    notes: [],
    results,
  };
}

describe("the score", () => {
  it("is 1 at the goal, and greater beyond it", () => {
    expect(scoreOf(result)).toBe(1);
    expect(scoreOf({ ...result, ratio: 1.05 })).toBeCloseTo(1.5);
  });

  it("is better for less where less is asked for", () => {
    const time = { ...result, goalIs: "at most", goalOn: "value", goal: 2 } as const;
    expect(scoreOf({ ...time, value: 1 })).toBe(2);
    expect(scoreOf({ ...time, value: 4 })).toBe(0.5);
    expect(scoreOf({ ...time, value: -1 })).toBe(2);
  });
});

describe("the chart", () => {
  it("shows the goals with machine, date and command", () => {
    const chart = chartOf(reportOf(result, { ...result, id: "W3", met: false, ratio: 0.35 }));
    expect(chart).toContain("a machine");
    expect(chart).toContain("2030-01-02");
    expect(chart).toContain("npm run bench");
    expect(chart.match(/<rect class="met"/g)).toHaveLength(1);
    expect(chart.match(/<rect class="missed"/g)).toHaveLength(1);
  });

  it("escapes text", () => {
    expect(chartOf(reportOf(result))).toContain("unary &lt;Append&gt; &amp; more");
  });

  it("leaves out what has no goal", () => {
    const { goal: _, goalOn: __, goalIs: ___, met: ____, ...information } = result;
    expect(chartOf(reportOf(information))).not.toContain("<rect");
  });

  it("never draws beyond twice the goal", () => {
    const chart = chartOf(reportOf({ ...result, ratio: 100 }));
    expect(chart).toContain('width="360.0"');
  });

  it("says so where nothing is durable", () => {
    const report = reportOf(result);
    const memory = { ...report, sync: { ...report.sync, p50Us: 2, durable: false } };
    expect(chartOf(memory)).toContain("Nothing here is durable");
  });
});
