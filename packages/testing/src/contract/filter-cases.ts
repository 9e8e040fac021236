import type { Filter } from "@varve/client";

/** A filter, and the labels of the events that it matches. */
export type FilterCase = readonly [name: string, filter: Filter, matching: string];

/** Filters that match every event, those that no filter is meant for included. */
export const everything: readonly FilterCase[] = [
  ["an empty clause", {}, "abcdefghijkl"],
  ["a lone asterisk", { types: ["*"] }, "abcdefghijkl"],
  ["an empty clause beside others", [{ types: ["odd"] }, {}], "abcdefghijkl"],
];

const types: readonly FilterCase[] = [
  ["a type, exactly", { types: ["order.Placed"] }, "ac"],
  ["one of several types", { types: ["cart.Closed", "odd", "order.Placed"] }, "acgh"],
  ["a type that is the beginning of others", { types: ["order"] }, ""],
  ["a prefix of types", { types: ["order.*"] }, "abcejl"],
  ["a prefix of several segments", { types: ["order.line.*"] }, "be"],
  ["a prefix that ends inside a word", { types: ["order*"] }, "abcdejl"],
  ["a prefix that is a whole type", { types: ["order.Placed*"] }, "acj"],
  ["a prefix of other letters than ASCII", { types: ["ü*"] }, "k"],
  ["types and prefixes mixed", { types: ["cart.*", "odd", "cart.Opened"] }, "fgh"],
  ["a prefix that types have inside", { types: ["Placed*", ".line.*"] }, ""],
  ["a prefix that nothing has", { types: ["none.*"] }, ""],
];

const tags: readonly FilterCase[] = [
  ["a tag", { tags: ["customer:1"] }, "abel"],
  ["all of several tags", { tags: ["customer:1", "eu"] }, "ael"],
  ["all of several tags, in another order", { tags: ["eu", "customer:2"] }, "c"],
  ["a tag that is named twice", { tags: ["eu", "eu"] }, "acegl"],
  ["tags that no event has together", { tags: ["customer:1", "customer:2"] }, ""],
  ["a tag with an asterisk, which means itself", { tags: ["customer:*"] }, ""],
  ["tags of which one is nowhere", { tags: ["eu", "none"] }, ""],
  ["no tags, which mean any", { types: ["odd"], tags: [] }, "h"],
];

const sources: readonly FilterCase[] = [
  ["a stream", { stream: "order-1" }, "abl"],
  ["a stream without a hyphen", { stream: "order" }, "d"],
  ["a stream that does not exist", { stream: "order-" }, ""],
  ["a category", { category: "order" }, "abcdel"],
  ["a category that is part of others", { category: "orders" }, "j"],
  ["a category in capital letters", { category: "ORDER" }, "i"],
  ["a category with a hyphen, which none has", { category: "order-line" }, ""],
  ["the empty category, of streams that begin with a hyphen", { category: "" }, "h"],
  ["a category of other letters than ASCII", { category: "über" }, "k"],
];

const together: readonly FilterCase[] = [
  ["a type and a tag", { types: ["order.Placed"], tags: ["customer:1"] }, "a"],
  ["a prefix and a tag", { types: ["order.*"], tags: ["eu"] }, "acel"],
  ["a type and a stream", { types: ["order.Placed"], stream: "order-1" }, "a"],
  ["a tag and a stream", { tags: ["eu"], stream: "cart-1" }, "g"],
  ["a tag and a category", { tags: ["eu"], category: "order" }, "acel"],
  [
    "types, tags and a category",
    { types: ["order.line.*", "orders"], tags: ["customer:1"], category: "order" },
    "be",
  ],
  ["parts that no event has together", { types: ["cart.*"], category: "order" }, ""],
  ["one of two clauses", [{ types: ["odd"] }, { category: "cart" }], "fgh"],
  [
    "two clauses that overlap, each event once",
    [{ tags: ["eu"] }, { stream: "order-1" }],
    "abcegl",
  ],
  ["two clauses of which one matches nothing", [{ tags: ["none"] }, { types: ["odd"] }], "h"],
  [
    "a clause of several parts, or another",
    [
      { types: ["order.Placed"], tags: ["eu"] },
      { types: ["cart.*"], stream: "cart-1", tags: ["customer:2"] },
      { category: "ORDER" },
    ],
    "acfi",
  ],
  ["many clauses of which none matches", [{ tags: ["x"] }, { stream: "y" }, { category: "z" }], ""],
];

/** Filters that leave the other events out. */
export const selective: readonly FilterCase[] = [...types, ...tags, ...sources, ...together];
