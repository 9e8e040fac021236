import { describe, expect, it } from "vitest";
import type { ReasonName } from "../reasons.ts";
import { checkFailures } from "./failures.ts";
import { Story } from "./story.ts";

function failing(reason: ReasonName): Story {
  const story = new Story();
  story.sent(story.newAppend(["a"]), { case: "refused", reason, found: [] });
  story.reads[0] = { ...story.read(), outcome: { case: "failed", reason, events: [] } };
  story.subscription(0, { failure: reason });
  return story;
}

describe("a call", () => {
  it.each<ReasonName>(["CONDITION_FAILED", "CONNECTION_LOST", "SERVER_STOPPING"])(
    "may fail with %s at any time",
    (reason) => {
      const story = failing(reason);
      expect(checkFailures(story.history, story.log)).toEqual([]);
    },
  );

  it("may fail with what the fault of the round explains", () => {
    const { history, log } = failing("STORAGE_FULL");
    expect(checkFailures({ ...history, expected: ["STORAGE_FULL"] }, log)).toEqual([]);
  });

  it.each<[ReasonName, string]>([
    ["POSITION_AHEAD_OF_HEAD", "G1"],
    ["STORAGE_FULL", "G10"],
    ["DATA_CORRUPT", "G11"],
    ["OVERLOADED", "G12"],
    ["INTERNAL", "G13"],
    ["INVALID_REQUEST", "G13"],
  ])("does not fail with %s otherwise", (reason, guarantee) => {
    const story = failing(reason);
    const violations = checkFailures(story.history, story.log);
    expect(violations.map((violation) => violation.guarantee)).toEqual(Array(3).fill(guarantee));
    expect(violations[2]?.message).toBe(
      `a subscription after 0 by client 3 failed with ${reason}, which no fault of this round explains`,
    );
  });
});
