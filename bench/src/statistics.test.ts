import { expect, it } from "vitest";
import { median, percentile, spreadOf } from "./statistics.ts";

it("finds the middle of values in any order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 2])).toBe(6);
  expect(median([])).toBeNaN();
});

it("finds percentiles between values", () => {
  const values = [40, 10, 30, 20, 50];
  expect(percentile(values, 0)).toBe(10);
  expect(percentile(values, 100)).toBe(50);
  expect(percentile(values, 90)).toBeCloseTo(46);
  expect(values).toEqual([40, 10, 30, 20, 50]);
});

it("finds the least and the greatest", () => {
  expect(spreadOf([3, -1, 2])).toEqual([-1, 3]);
});
