import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "./deadline.js";

describe("Deadline", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("passes once somebody has waited for so long", () => {
    const passed = vi.fn();
    const deadline = new Deadline(100, passed);
    deadline.start();
    vi.advanceTimersByTime(99);
    expect(passed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(passed).toHaveBeenCalledOnce();
  });

  it("counts anew each time, and nothing in between", () => {
    const passed = vi.fn();
    const deadline = new Deadline(100, passed);
    for (let n = 0; n < 5; n++) {
      deadline.start();
      vi.advanceTimersByTime(90);
      deadline.stop();
      vi.advanceTimersByTime(500);
    }
    expect(passed).not.toHaveBeenCalled();
    deadline.start();
    vi.advanceTimersByTime(100);
    expect(passed).toHaveBeenCalledOnce();
  });

  it("never passes after its end", () => {
    const passed = vi.fn();
    const deadline = new Deadline(100, passed);
    deadline.start();
    deadline.end();
    vi.advanceTimersByTime(1_000);
    expect(passed).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
