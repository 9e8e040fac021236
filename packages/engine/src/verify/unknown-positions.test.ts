import { expect, it } from "vitest";
import { UnknownPositions } from "./unknown-positions.js";

it("knows each position of the ranges that it was told, and no other", () => {
  const unknown = new UnknownPositions();
  for (const [first, last] of [
    [3, 5],
    [6, 6],
    [9, 8],
    [10, 12],
    [11, 20],
    [30, 30],
  ] as const) {
    unknown.add(first, last);
  }
  const known = Array.from({ length: 35 }, (_, position) => position).filter((position) =>
    unknown.has(position),
  );
  expect(known).toEqual([3, 4, 5, 6, ...Array.from({ length: 11 }, (_, i) => 10 + i), 30]);
});
