import { describe, expect, it } from "vitest";
import type { AppendOperation } from "../history.ts";
import { checkRepeats } from "./repeats.ts";
import { Story } from "./story.ts";

type Stored = Extract<AppendOperation["outcome"], { case: "stored" }>;

/** An append that is sent and acknowledged, and sent again with this outcome. */
function sentAgain(change: Partial<Stored>): Story {
  const story = new Story();
  const append = story.newAppend(["a", "b"]);
  const first = story.store(append);
  story.sent(append, first);
  story.sent(append, { ...first, ...change });
  return story;
}

describe("an append that is sent again", () => {
  it("has the first result, marked as a repeat", () => {
    const story = sentAgain({ repeat: true });
    expect(checkRepeats(story.history, story.log)).toEqual([]);
  });

  it("may be stored by the second attempt if nobody knew of the first", () => {
    const story = new Story();
    const { append } = story.unknown(["a"]);
    story.sent(append, story.store(append));
    expect(checkRepeats(story.history, story.log)).toEqual([]);
  });

  it("may be a repeat of an attempt that had no answer", () => {
    const story = new Story();
    const { append } = story.unknown(["a"]);
    story.sent(append, { ...story.store(append), repeat: true });
    expect(checkRepeats(story.history, story.log)).toEqual([]);
  });

  it.each<[string, Partial<Stored>]>([
    ["position", { firstPosition: 3, lastPosition: 4, repeat: true }],
    ["revision", { firstRevisions: { a: 0, b: 1 }, repeat: true }],
    ["stream", { firstRevisions: { a: 0 }, repeat: true }],
  ])("does not have another %s", (_, change) => {
    const story = sentAgain(change);
    expect(checkRepeats(story.history, story.log)).toMatchObject([
      {
        guarantee: "G6",
        message: expect.stringMatching(
          /was answered with positions 1 to 2, a from 0, b from 0, and/,
        ),
      },
    ]);
  });

  it("is not stored as new again", () => {
    const story = sentAgain({ repeat: false });
    expect(checkRepeats(story.history, story.log)).toMatchObject([
      { guarantee: "G6", message: expect.stringMatching(/was stored as new 2 times/) },
    ]);
  });

  it("is not new after it has been acknowledged", () => {
    const story = new Story();
    const append = story.newAppend(["a"]);
    const outcome = story.store(append);
    story.sent(append, { ...outcome, repeat: true });
    story.sent(append, outcome);
    expect(checkRepeats(story.history, story.log)).toMatchObject([
      { message: expect.stringMatching(/as new after it had been acknowledged/) },
    ]);
  });

  it("is not in the log twice", () => {
    const story = new Story();
    const { append } = story.unknownButStored(["a"]);
    story.sent(append, story.store(append));
    expect(checkRepeats(story.history, story.log)).toMatchObject([
      {
        guarantee: "G6",
        message: expect.stringMatching(/sent 2 times and is stored 2 times, at 1, 2$/),
      },
    ]);
  });
});

describe("an append that is sent once", () => {
  it("is not a repeat", () => {
    const story = new Story();
    const append = story.newAppend(["a"]);
    story.sent(append, { ...story.store(append), repeat: true });
    expect(checkRepeats(story.history, story.log)).toMatchObject([
      { guarantee: "G6", message: expect.stringMatching(/as a repeat, but was sent only once/) },
    ]);
  });

  it("is stored once or never, if there was no answer", () => {
    const story = new Story();
    const { append } = story.unknownButStored(["a"]);
    expect(checkRepeats(story.history, story.log)).toEqual([]);
    story.store(append);
    expect(checkRepeats(story.history, story.log)).toMatchObject([
      { guarantee: "G7", message: expect.stringMatching(/was sent once and is stored 2 times/) },
    ]);
  });
});
