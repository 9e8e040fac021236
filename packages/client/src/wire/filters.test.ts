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
    ["a type that is no list", { types: "order.*" }],
    ["a tag that is no string", { tags: ["a", 3] }],
    ["a member that it does not have", { type: ["order.*"] }],
    ["the same in one of several clauses", [{}, { tag: ["a"] }]],
    ["an asterisk inside a type", { types: ["order.*.Added"] }],
    ["two asterisks", { types: ["order.**"] }],
    ["an asterisk at the beginning", { types: ["*.Added"] }],
    ["what is no filter", null],
    ["what is no clause", ["order.*"]],
  ])("refuses %s", (_, filter) => {
    expect(() => encodeFilter(filter as Filter)).toThrow(TypeError);
  });

  it("says where it is wrong, and what it takes", () => {
    const wrong = [{}, { type: ["order.*"] }] as Filter;
    expect(() => encodeFilter(wrong, "options.filter")).toThrow(
      'options.filter[1] has no member "type"; it takes types, tags, stream, category',
    );
    const inside = { types: ["cart.*", "order.*.Added"] };
    expect(() => encodeFilter(inside)).toThrow('filter.types[1] is "order.*.Added": an asterisk');
  });
});
