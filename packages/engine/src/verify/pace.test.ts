import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pace } from "./pace.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise has resolved after so many ms of the fake clock. */
async function isDoneAfter(ms: number, promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return done;
}

describe("a pace", () => {
  it("waits for as long as what was read may take", async () => {
    const pace = new Pace({ bytesPerSecondMax: 1000 });
    const first = pace.spend(500);
    expect(await isDoneAfter(499, first)).toBe(false);
    expect(await isDoneAfter(1, first)).toBe(true);
    expect(await isDoneAfter(100, pace.spend(100))).toBe(true);
  });

  it("does not save up what was not used", async () => {
    const pace = new Pace({ bytesPerSecondMax: 1000 });
    expect(await isDoneAfter(60_000, pace.spend(1))).toBe(true);
    expect(await isDoneAfter(999, pace.spend(1000))).toBe(false);
  });

  it("without a limit never waits", async () => {
    expect(await isDoneAfter(0, new Pace().spend(2 ** 40))).toBe(true);
  });

  it("ends with the signal's reason, also while it waits", async () => {
    const abort = new AbortController();
    const pace = new Pace({ bytesPerSecondMax: 1, signal: abort.signal });
    const waiting = pace.spend(1000);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(pace.spend(1)).rejects.toThrow("enough");
  });
});
