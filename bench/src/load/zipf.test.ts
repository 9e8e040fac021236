import { expect, it } from "vitest";
import { seededRandom } from "./random.ts";
import { zipf } from "./zipf.ts";

it("draws the n-th n times less often than the first", () => {
  const draw = zipf(1000, seededRandom(7));
  const counts = Array.from({ length: 1000 }, () => 0);
  for (let i = 0; i < 200_000; i++) {
    const drawn = draw();
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  const [first = 0, second = 0] = counts;
  expect(first / second).toBeCloseTo(2, 0);
  expect(first / (counts[9] as number)).toBeCloseTo(10, -1);
  // The first tenth gets the part that the harmonic numbers say.
  const tenth = counts.slice(0, 100).reduce((sum, count) => sum + count, 0);
  expect(tenth / 200_000).toBeCloseTo(5.187 / 7.485, 2);
});

it("draws nothing beyond its range, and all of a small one", () => {
  const draw = zipf(3, seededRandom(1));
  const drawn = new Set(Array.from({ length: 500 }, draw));
  expect([...drawn].sort()).toEqual([0, 1, 2]);
});

it("draws the same for the same seed", () => {
  const draws = (seed: number): number[] => {
    const draw = zipf(10_000, seededRandom(seed));
    return Array.from({ length: 20 }, draw);
  };
  expect(draws(5)).toEqual(draws(5));
  expect(draws(5)).not.toEqual(draws(6));
});
