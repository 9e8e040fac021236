import { describe, expect, it } from "vitest";
import { checkRealTime } from "./real-time.ts";
import { Story } from "./story.ts";

describe("the order of the log", () => {
  it("is that of appends that followed on one another", () => {
    const story = new Story();
    story.stored(["a"]);
    story.stored(["b"]);
    expect(checkRealTime(story.history, story.log)).toEqual([]);
  });

  it("may be either way for appends at the same time", () => {
    const story = new Story();
    story.stored(["a"], { during: [5, 20] });
    story.stored(["b"], { during: [1, 10] });
    expect(checkRealTime(story.history, story.log)).toEqual([]);
  });

  it("does not put an append before one that had ended when it began", () => {
    const story = new Story();
    const late = story.stored(["a"], { during: [20, 30] });
    const early = story.stored(["b"], { during: [1, 10] });
    expect(checkRealTime(story.history, story.log)).toMatchObject([
      {
        guarantee: "G5",
        message: expect.stringMatching(
          `append ${late.append.appendId} .* is at position 1, but before it began append ${early.append.appendId} had seen the log up to 2`,
        ),
      },
    ]);
  });

  it("does not put an append before what a read had seen when it began", () => {
    const story = new Story();
    story.stored(["a"]);
    story.stored(["b"]);
    story.read({ startedMs: 1, endedMs: 2 });
    expect(checkRealTime(story.history, story.log)).toHaveLength(2);
  });

  it("does not put an append before what a refusal had seen when it began", () => {
    const story = new Story();
    story.stored(["a"], { during: [20, 30] });
    story.refused(["a"], { during: [1, 10] }, { head: 1 });
    expect(checkRealTime(story.history, story.log)).toMatchObject([
      { message: expect.stringMatching(/before it began the refusal of append/) },
    ]);
  });

  it("lets an append without an answer be stored at any time after it began", () => {
    const story = new Story();
    const append = story.newAppend(["a"]);
    story.sent(append, { case: "unknown", why: "lost" }, { during: [1, 2] });
    story.stored(["b"], { during: [3, 4] });
    story.store(append);
    expect(checkRealTime(story.history, story.log)).toEqual([]);
  });

  it("does not let one without an answer be stored before it began", () => {
    const story = new Story();
    story.unknownButStored(["a"], { during: [20, 30] });
    story.stored(["b"], { during: [1, 10] });
    expect(checkRealTime(story.history, story.log)).toHaveLength(1);
  });

  it("counts the first attempt at an append, not the one that was answered", () => {
    const story = new Story();
    const append = story.newAppend(["a"]);
    story.sent(append, { case: "unknown", why: "lost" }, { during: [1, 2] });
    const outcome = story.store(append);
    story.stored(["b"], { during: [3, 4] });
    story.sent(append, { ...outcome, repeat: true }, { during: [5, 6] });
    expect(checkRealTime(story.history, story.log)).toEqual([]);
  });
});
