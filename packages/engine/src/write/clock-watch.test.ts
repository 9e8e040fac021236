import { describe, expect, it } from "vitest";
import {
  append,
  appendRequest,
  memoryDatabase,
  replayAll,
  storeOn,
} from "../test-support/requests.js";
import { ClockWatch } from "./clock-watch.js";

function watch(): { told: number[]; compare: (now: number, recorded: number) => void } {
  const told: number[] = [];
  const clockWatch = new ClockWatch((behindMs) => told.push(behindMs));
  return { told, compare: (now, recorded) => clockWatch.compare(now, recorded) };
}

describe("a clock that is behind what has been recorded", () => {
  it("is told once, with by how much, and once more when it has caught up", () => {
    const { told, compare } = watch();
    compare(1000, 0);
    compare(10_000, 70_000);
    compare(20_000, 70_000);
    compare(69_999, 70_000);
    expect(told).toEqual([60_000]);
    compare(70_000, 70_000);
    compare(80_000, 70_000);
    expect(told).toEqual([60_000, 0]);
    compare(80_000, 90_000);
    expect(told).toEqual([60_000, 0, 10_000]);
  });

  it("has caught up when it has done so with every workspace", () => {
    const { told, compare } = watch();
    compare(10_000, 20_000);
    compare(10_000, 50_000);
    compare(30_000, 20_000);
    expect(told).toEqual([10_000]);
    compare(50_000, 20_000);
    expect(told).toEqual([10_000, 0]);
  });

  it("by less than clocks are corrected by, or behind an unknown time, is not told", () => {
    const { told, compare } = watch();
    compare(10_000, 10_999);
    compare(10_000, Number.POSITIVE_INFINITY);
    expect(told).toEqual([]);
  });

  it("is told by a store, which goes on with the newest time there is", async () => {
    let nowMs = 100_000;
    const told: number[] = [];
    const db = memoryDatabase();
    const options = { clock: () => nowMs, onClockBehind: (ms: number) => told.push(ms) };
    const store = storeOn(db, options);
    const times: number[] = [];
    for (const time of [100_000, 40_000, 50_000, 99_999, 100_000, 100_001]) {
      nowMs = time;
      await append(store, appendRequest([{ stream: "s" }]));
    }
    for (const { recordedAt } of await replayAll(store)) {
      times.push(Number(recordedAt?.seconds) * 1000 + (recordedAt?.nanos ?? 0) / 1e6);
    }
    expect(times).toEqual([100_000, 100_000, 100_000, 100_000, 100_000, 100_001]);
    expect(told).toEqual([60_000, 0]);

    nowMs = 90_001;
    const again = storeOn(db, options);
    await again.open("default");
    expect(told).toEqual([60_000, 0, 10_000]);
  });
});
