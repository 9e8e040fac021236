import { expect, it } from "vitest";
import { paceOf } from "./progress.js";

it("tells the rate, and the time that is left", () => {
  const pace = { value: 250, total: 1000, count: 5000, elapsedMs: 2000 };
  expect(paceOf(pace)).toBe(", 2,500/s, 6 s left");
});

it("tells the rate alone where the end is not known", () => {
  const pace = { value: 250, total: undefined, count: 5000, elapsedMs: 2000 };
  expect(paceOf(pace)).toBe(", 2,500/s");
});
