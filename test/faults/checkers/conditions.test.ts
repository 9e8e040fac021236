import { describe, expect, it } from "vitest";
import {
  atRevision,
  type ConditionInit,
  noMatch,
  noStream,
  ofCategory,
  ofStream,
  streamExists,
} from "../../src/support/requests.ts";
import { checkConditions } from "./conditions.ts";
import { Story } from "./story.ts";

/** What is found when an append with this condition is stored after some others. */
function storedUnder(condition: ConditionInit): string[] {
  const story = new Story();
  story.stored(["order-1"], { fields: { type: "order.Placed", tags: ["x"] } });
  story.stored(["order-1", "stock"], { fields: { type: "stock.Reserved", tags: ["y", "z"] } });
  story.stored(["new"], { conditions: [condition] });
  // Nothing that comes after counts.
  story.stored(["late", "order-1"], { fields: { type: "late", tags: ["late"] } });
  return checkConditions(story.history, story.log).map(({ guarantee, message }) => {
    expect(guarantee).toBe("G5");
    expect(message).toMatch(/to new\) is stored at 4, where its condition does not hold: /);
    return message.split("hold: ")[1] as string;
  });
}

describe("a condition of a stored append", () => {
  it.each<[string, ConditionInit]>([
    ["a stream is at its last revision", atRevision("order-1", 1)],
    ["a stream exists", streamExists("stock")],
    ["a stream does not exist yet", noStream("late")],
    ["its own stream does not exist yet", noStream("new")],
    ["nothing has a tag", noMatch([{ tags: ["late"] }])],
    ["nothing has both tags", noMatch([{ tags: ["x", "y"] }])],
    ["nothing has a type since", noMatch([{ types: ["order.*"] }], 1)],
    ["nothing came since", noMatch([], 3)],
    ["nothing of the category since", noMatch([ofCategory("order")], 2)],
    ["nothing of the stream has the type", noMatch([{ ...ofStream("stock"), types: ["o*"] }])],
  ])("holds: %s", (_, condition) => {
    expect(storedUnder(condition)).toEqual([]);
  });

  it.each<[string, ConditionInit]>([
    ["order-1 at revision 0", atRevision("order-1", 0)],
    ["order-1 at revision 2", atRevision("order-1", 2)],
    ["nothing at revision 0", atRevision("nothing", 0)],
    ["late exists", streamExists("late")],
    ["no stream stock", noStream("stock")],
    ["no match of (x) after 0", noMatch([{ tags: ["x"] }])],
    [
      "no match of (late or y and z) after 1",
      noMatch([{ tags: ["late"] }, { tags: ["y", "z"] }], 1),
    ],
    ["no match of (stock.*) after 2", noMatch([{ types: ["stock.*"] }], 2)],
    ["no match of (order) after 1", noMatch([ofCategory("order")], 1)],
    ["no match of (stock) after 2", noMatch([ofStream("stock")], 2)],
    ["no match of () after 2", noMatch([], 2)],
    ["no match of (x) after 9", noMatch([{ tags: ["x"] }], 9)],
  ])("does not hold: %s", (name, condition) => {
    expect(storedUnder(condition)).toEqual([name]);
  });

  it("does not count if the append is not stored", () => {
    const story = new Story();
    story.unknown(["a"], { conditions: [streamExists("nothing")] });
    expect(checkConditions(story.history, story.log)).toEqual([]);
  });
});
