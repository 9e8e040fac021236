import { expect, it } from "vitest";
import { Occurrences } from "./occurrences.js";

it("counts each of many texts by itself", () => {
  const occurrences = new Occurrences();
  for (let i = 0; i < 20_000; i++) expect(occurrences.count(`id-${i}`)).toBe(1);
  for (let i = 0; i < 20_000; i += 97) expect(occurrences.count(`id-${i}`)).toBe(2);
  expect([occurrences.count("id-97"), occurrences.count("id-98")]).toEqual([3, 2]);
  expect(occurrences.count("another")).toBe(1);
});
