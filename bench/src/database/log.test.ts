import { expect, it } from "vitest";
import { seededRandom } from "../load/random.ts";
import { logOf } from "./log.ts";
import { RARE_TAG } from "./shape.ts";

it("has streams of exactly ten events, and a tag that is rare", () => {
  const log = logOf(5000, seededRandom(1));
  const lengths = new Map<string, number>();
  let rare = 0;
  for (let i = 0; i < 5000; i++) {
    const { stream, event } = log();
    lengths.set(stream, (lengths.get(stream) ?? 0) + 1);
    if (event?.tags.includes(RARE_TAG)) rare++;
  }
  const tens = [...lengths].filter(([stream]) => stream.startsWith("parcel-"));
  expect(tens).toHaveLength(50);
  expect(new Set(tens.map(([, length]) => length))).toEqual(new Set([10]));
  expect(rare).toBeGreaterThan(0);
  expect(rare).toBeLessThan(20);
});
