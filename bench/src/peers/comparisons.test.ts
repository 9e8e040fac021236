import { expect, it } from "vitest";
import type { Side } from "../comparison/side.ts";
import { comparisonsOf } from "./comparisons.ts";

const varve: Side = { name: "varve", measure: () => Promise.reject() };
const peer: Side = { name: "peer", measure: () => Promise.reject() };

it("compares Varve with the peer, and says the goal for that peer", () => {
  const [row, ...rest] = comparisonsOf("many", { id: "emmett", varve, peer });
  expect(row).toMatchObject({
    case: "64 writers",
    value: { side: varve },
    against: [{ side: peer }],
    goal: { on: "ratio", is: "at least", than: 5 },
  });
  expect(rest).toEqual([]);
});

it("has no goal where none is set", () => {
  const [row] = comparisonsOf("batches", { id: "redis", varve, peer });
  expect(row?.goal).toBeUndefined();
});

it("compares times too where there is one writer", () => {
  const rows = comparisonsOf("one", { id: "umadb", varve, peer });
  expect(rows.map(({ unit }) => unit)).toEqual(["events/s", "µs"]);
  expect(rows.map(({ goal }) => goal?.than)).toEqual([1, undefined]);
});
