import { describe, expect, it } from "vitest";
import { resolvePipeline, resolveRetry } from "../options.js";
import { backoffMs } from "./retry.js";

describe("backoffMs", () => {
  it("draws from a range that doubles, up to the bound", () => {
    const policy = { attempts: 9, baseDelayMs: 100, maxDelayMs: 500 };
    const bounds = [100, 200, 400, 500, 500];
    bounds.forEach((boundMs, i) => {
      const drawn = Array.from({ length: 500 }, () => backoffMs(policy, i + 1));
      expect(Math.max(...drawn)).toBeLessThanOrEqual(boundMs);
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...drawn)).toBeGreaterThan(boundMs / 2);
    });
  });

  it("stays at the bound after any number of failures", () => {
    const policy = { attempts: 9, baseDelayMs: 100, maxDelayMs: 500 };
    expect(backoffMs(policy, 1_000_000)).toBeLessThanOrEqual(500);
  });
});

describe("options", () => {
  it("have the defaults that are written down", () => {
    expect(resolveRetry()).toEqual({ attempts: 8, baseDelayMs: 100, maxDelayMs: 2_000 });
    expect(resolvePipeline()).toEqual({
      maxInFlightAppends: 4_096,
      maxInFlightBytes: 32 * 1024 * 1024,
      maxFrameAppends: 1_000,
      maxFrameBytes: 1024 * 1024,
      idleTimeoutMs: 30_000,
    });
  });

  it.each([{ attempts: 0 }, { baseDelayMs: -1 }, { maxDelayMs: 2 ** 31 }, { attempts: 1.5 }])(
    "refuse %j",
    (options) => {
      expect(() => resolveRetry(options)).toThrow(RangeError);
    },
  );
});
