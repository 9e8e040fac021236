import { describe, expect, it } from "vitest";
import { planSeries } from "./series.js";

const spans = (...pairs: [after: number, head: number][]): { after: number; head: number }[] =>
  pairs.map(([after, head]) => ({ after, head }));

describe("the plan of a restore", () => {
  it("puts backups in their order, whatever order they are given in", () => {
    expect(planSeries(spans([20, 30], [0, 10], [10, 20]))).toEqual(
      spans([0, 10], [10, 20], [20, 30]),
    );
  });

  it("takes as few as possible, and of two that reach as far the shorter one", () => {
    expect(planSeries(spans([0, 10], [5, 20], [0, 20], [10, 30], [15, 30]))).toEqual(
      spans([0, 20], [15, 30]),
    );
  });

  it("stops where it is to stop", () => {
    const backups = spans([0, 10], [10, 20], [25, 30]);
    expect(planSeries(backups, 10)).toEqual(spans([0, 10]));
    expect(planSeries(backups, 11)).toEqual(spans([0, 10], [10, 20]));
  });

  it("takes a backup of a workspace without events", () => {
    expect(planSeries(spans([0, 0]))).toEqual(spans([0, 0]));
    expect(planSeries(spans([0, 0], [0, 7]))).toEqual(spans([0, 7]));
  });

  it("is refused if a backup is missing", () => {
    expect(() => planSeries(spans([0, 10], [11, 20], [15, 30]))).toThrow(
      "the backup that follows on position 10 is missing: the next begins after position 11",
    );
    expect(() => planSeries(spans([7, 9]))).toThrow(
      "the backup from the beginning is missing: the next begins after position 7",
    );
  });
});
