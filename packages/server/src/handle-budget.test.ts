import { describe, expect, it } from "vitest";
import { CONNECTIONS_DEFAULT_MAX, planHandles } from "./handle-budget.js";
import { StartupError } from "./startup-error.js";

const needs = { connectionsMax: undefined, openWorkspacesMax: 64 };

describe("the handles of a process", () => {
  it("are never promised twice", () => {
    for (const openWorkspacesMax of [0, 1, 64, 5000]) {
      for (const connectionsMax of [undefined, 1, 100, 1_000_000]) {
        for (let handlesMax = 160; handlesMax < 100_000; handlesMax = Math.ceil(handlesMax * 1.1)) {
          const plan = planHandles({ connectionsMax, openWorkspacesMax }, handlesMax);
          const forOthers = handlesMax / 5 + 96;
          const promised = plan.connectionsMax + 4 * (plan.openWorkspacesMax + 1) + forOthers;
          expect(promised).toBeLessThanOrEqual(handlesMax);
          expect(plan.connectionsMax).toBeGreaterThan(0);
          expect(plan.openWorkspacesMax).toBeLessThanOrEqual(openWorkspacesMax);
          if (openWorkspacesMax > 0) expect(plan.openWorkspacesMax).toBeGreaterThan(0);
        }
      }
    }
  });

  it("are shared half and half where they are few", () => {
    expect(planHandles(needs, 256)).toMatchObject({ connectionsMax: 52, openWorkspacesMax: 13 });
  });

  it("leave as many connections as there are, up to what is sensible", () => {
    expect(planHandles(needs, 1024)).toMatchObject({ connectionsMax: 463, openWorkspacesMax: 64 });
    for (const many of [2 ** 20, Number.POSITIVE_INFINITY]) {
      const connectionsMax = CONNECTIONS_DEFAULT_MAX;
      expect(planHandles(needs, many)).toMatchObject({ connectionsMax, openWorkspacesMax: 64 });
    }
  });

  it("go to the log as far as connections do not need them", () => {
    const plan = planHandles({ connectionsMax: 10, openWorkspacesMax: 1000 }, 256);
    expect(plan).toMatchObject({ connectionsMax: 10, openWorkspacesMax: 23 });
  });

  it("that are too few for a server are told in a sentence", () => {
    expect(() => planHandles(needs, 64)).toThrow(StartupError);
    expect(() => planHandles(needs, 64)).toThrow(/may open 64 files .* \(ulimit -n\)$/);
  });

  it("are known of this process", () => {
    expect(planHandles(needs).handlesMax).toBeGreaterThan(160);
  });
});
