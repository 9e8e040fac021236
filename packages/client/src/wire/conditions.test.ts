import { StreamState } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { Condition, ExpectedState } from "../types.js";
import { encodeCondition as encode } from "./conditions.js";

const encodeCondition = (condition: Condition): ReturnType<typeof encode> =>
  encode(condition, "options.conditions[0]");

describe("encodeCondition", () => {
  it.each<[ExpectedState, unknown]>([
    ["no-stream", { case: "state", value: StreamState.NO_STREAM }],
    ["exists", { case: "state", value: StreamState.EXISTS }],
    [3, { case: "revision", value: 3n }],
    [4n, { case: "revision", value: 4n }],
  ])("encodes that a stream is expected at %s", (expect_, expected) => {
    expect(encodeCondition({ stream: "order-1", expect: expect_ }).kind).toMatchObject({
      case: "stream",
      value: { stream: "order-1", expected },
    });
  });

  it("encodes a query condition", () => {
    const filter = { tags: ["customer:1"] };
    expect(encodeCondition({ noEventMatches: filter, after: 5n }).kind).toMatchObject({
      case: "query",
      value: { after: 5n, filter: { anyOf: [filter] } },
    });
  });

  it("leaves out the position if the whole log counts", () => {
    const { kind } = encodeCondition({ noEventMatches: {} });
    expect(kind).toMatchObject({ case: "query", value: { filter: { anyOf: [] } } });
    expect(kind.case === "query" && kind.value.after).toBeUndefined();
  });

  it.each<[string, unknown, unknown]>([
    ["a negative revision", { stream: "s", expect: -1 }, RangeError],
    ["half a revision", { stream: "s", expect: 0.5 }, RangeError],
    ["a revision beyond 64 bits", { stream: "s", expect: 2n ** 63n }, RangeError],
    ["a state that there is not", { stream: "s", expect: "empty" }, TypeError],
    ["no state", { stream: "s", expect: undefined }, TypeError],
    ["no filter", { noEventMatches: undefined }, TypeError],
    ["what it is not", { stream: "s", expects: 3 }, TypeError],
    ["half of each", { noEventMatches: {}, expect: 3 }, TypeError],
    ["a condition that is none", null, TypeError],
    ["a position that is not exact", { noEventMatches: {}, after: 2 ** 53 }, RangeError],
    ["a negative position", { noEventMatches: {}, after: -1n }, RangeError],
    ["a stream that is no string", { stream: 3, expect: "exists" }, TypeError],
  ])("refuses %s", (_, condition, error) => {
    expect(() => encodeCondition(condition as Condition)).toThrow(error as typeof Error);
  });
});
