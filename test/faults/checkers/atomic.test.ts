import { describe, expect, it } from "vitest";
import type { SeenEvent } from "../history.ts";
import { checkAtomic } from "./atomic.ts";
import { Story } from "./story.ts";

describe("an append", () => {
  it("is in the log as a whole, or not at all", () => {
    const story = new Story();
    story.stored(["a", "b"]);
    story.unknown(["a", "b", "c"]);
    story.unknownButStored(["b", "c"]);
    expect(checkAtomic(story.history, story.log)).toEqual([]);
  });

  it("is torn if only a part of it is in the log, also if nobody got an answer", () => {
    const story = new Story();
    story.unknownButStored(["a", "b", "c"]);
    expect(checkAtomic(story.history, story.log.slice(0, 2))).toMatchObject([
      {
        guarantee: "G2",
        message: expect.stringMatching(
          /\(client 1, 3 events to a, b, c\) is stored in part: 2 of 3/,
        ),
      },
    ]);
  });

  it("is torn if another event is between its own", () => {
    const story = new Story();
    story.stored(["a", "b"]);
    story.stored(["c"]);
    const [first, second, third] = story.log as [SeenEvent, SeenEvent, SeenEvent];
    const log = [first, { ...third, position: 2 }, { ...second, position: 3 }];
    expect(checkAtomic(story.history, log)).toMatchObject([
      { guarantee: "G2", message: expect.stringMatching(/begins at 1, but at 2 is event/) },
    ]);
  });

  it("is not as it was sent if a byte is changed", () => {
    const story = new Story();
    story.unknownButStored(["a"]);
    expect(checkAtomic(story.history, story.withEvent(1, { digest: "00" }))).toMatchObject([
      { guarantee: "G2", message: expect.stringMatching(/is not as it was sent/) },
    ]);
  });

  it("was sent by somebody", () => {
    const story = new Story();
    story.stored(["a"]);
    const { history, log } = story;
    expect(checkAtomic({ ...history, appends: [] }, log)).toMatchObject([
      { guarantee: "G2", message: expect.stringMatching(/^position 1 has event .* nobody sent$/) },
    ]);
  });
});
