import { describe, expect, it } from "vitest";
import type { Filter } from "../types.js";
import { encodeFilter } from "./filters.js";

describe("encodeFilter", () => {
  it("takes one clause alone", () => {
    expect(encodeFilter({ types: ["order.*"], tags: ["a", "b"] }).anyOf).toMatchObject([
      { types: ["order.*"], tags: ["a", "b"], source: { case: undefined } },
    ]);
  });

  it("takes several clauses", () => {
    expect(encodeFilter([{ stream: "order-1" }, { category: "invoice" }]).anyOf).toMatchObject([
      { source: { case: "stream", value: "order-1" } },
      { source: { case: "category", value: "invoice" } },
    ]);
  });

  it.each<[string, Filter]>([
    ["an empty clause", {}],
    ["a clause with no tags", { tags: [] }],
    ["an empty clause among others", [{ types: ["order.*"] }, {}]],
  ])("matches every event with %s", (_, filter) => {
    expect(encodeFilter(filter).anyOf).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["no clauses", []],
    ["an empty list of types", { types: [] }],
    ["a stream together with a category", { stream: "order-1", category: "order" }],
    ["a type that is no string", { types: [3] }],
  ])("refuses %s", (_, filter) => {
    expect(() => encodeFilter(filter as Filter)).toThrow(TypeError);
  });
});
