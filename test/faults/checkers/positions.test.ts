import { describe, expect, it } from "vitest";
import { checkPositions } from "./positions.ts";
import { Story } from "./story.ts";

describe("the positions of the log", () => {
  const story = new Story();
  story.stored(["a", "b", "a"]);
  story.stored(["b"]);

  it("are 1, 2, 3 …", () => {
    expect(checkPositions(story.history, story.log)).toEqual([]);
  });

  it.each([
    [
      "a gap",
      story.log.filter(({ position }) => position !== 2),
      /position 3, where 2 would follow/,
    ],
    ["a gap at the start", story.log.slice(1), /position 2, where 1 would follow/],
    ["one twice", story.withEvent(4, { position: 3 }), /position 3, where 4 would follow/],
  ])("do not have %s", (_, log, message) => {
    expect(checkPositions(story.history, log)).toMatchObject([
      { guarantee: "G4", message: expect.stringMatching(message) },
    ]);
  });

  it("have times that never decrease", () => {
    const log = story.withEvent(3, { recordedAtMs: 1 });
    expect(checkPositions(story.history, log)).toMatchObject([
      { guarantee: "G4", message: "position 3 was recorded 1 ms before position 2" },
    ]);
  });
});
