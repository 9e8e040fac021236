import { describe, expect, it } from "vitest";
import { checkRevisions } from "./revisions.ts";
import { Story } from "./story.ts";

describe("the revisions of a stream", () => {
  const story = new Story();
  story.stored(["a", "b", "a"]);
  story.stored(["b", "a"]);

  it("are 0, 1, 2 …", () => {
    expect(checkRevisions(story.history, story.log)).toEqual([]);
  });

  it("have a gap if one is left out, or one too many if it is there twice", () => {
    expect(checkRevisions(story.history, story.withEvent(5, { revision: 3 }))).toMatchObject([
      {
        guarantee: "G3",
        message: expect.stringMatching(/at position 5 has revision 3 of a, not 2/),
      },
    ]);
    expect(checkRevisions(story.history, story.withEvent(4, { revision: 0 }))).toMatchObject([
      {
        guarantee: "G3",
        message: expect.stringMatching(/at position 4 has revision 0 of b, not 1/),
      },
    ]);
  });
});
