import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RareNote } from "./rare-note.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a note of what may happen very often", () => {
  it("is told the first time, and then together", () => {
    const told: number[] = [];
    const note = new RareNote((times) => told.push(times), 1000);
    for (let i = 0; i < 5; i++) note.add();
    expect(told).toEqual([1]);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([1, 4]);
    vi.advanceTimersByTime(5000);
    note.add();
    expect(told).toEqual([1, 4, 1]);
  });

  it("is told in the end", () => {
    const told: number[] = [];
    const note = new RareNote((times) => told.push(times));
    note.add();
    note.stop();
    expect(told).toEqual([1]);
    note.add();
    note.add();
    note.stop();
    expect(told).toEqual([1, 2]);
  });
});
