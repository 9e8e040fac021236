import { describe, expect, it } from "vitest";
import { checkAcknowledged } from "./acknowledged.ts";
import { Story } from "./story.ts";

function someAppends(): Story {
  const story = new Story();
  story.stored(["a"]);
  story.stored(["a", "b", "a"]);
  story.stored(["b"]);
  return story;
}

describe("what was acknowledged", () => {
  it("is in the log", () => {
    const story = someAppends();
    expect(checkAcknowledged(story.history, story.log)).toEqual([]);
  });

  it("may be followed by what was not acknowledged", () => {
    const story = someAppends();
    story.unknownButStored(["a"]);
    expect(checkAcknowledged(story.history, story.log)).toEqual([]);
  });

  it("is lost if the log ends before it", () => {
    const story = someAppends();
    const [violation, ...more] = checkAcknowledged(story.history, story.log.slice(0, -1));
    expect(violation?.guarantee).toBe("G1");
    expect(violation?.message).toMatch(
      /^append \S+ \(client 1, 1 event to b\) was acknowledged at position 5, but the log has no position 5$/,
    );
    expect(more).toEqual([]);
  });

  it("is lost if another event is in its place", () => {
    const story = someAppends();
    const log = story.withEvent(3, { id: "other" });
    expect(checkAcknowledged(story.history, log)).toMatchObject([
      {
        guarantee: "G1",
        message: expect.stringMatching(/at position 3 there is event other of b in place of/),
      },
    ]);
  });

  it("is altered if its bytes are not those that were sent", () => {
    const story = someAppends();
    const log = story.withEvent(2, { digest: "00" });
    expect(checkAcknowledged(story.history, log)).toMatchObject([
      { guarantee: "G1", message: expect.stringMatching(/other bytes than were sent/) },
    ]);
  });

  it.each([
    [{ revision: 7 }, /has revision 7 of a, not 1/],
    [{ stream: "c" }, /is in stream c, not in a/],
  ])("is altered if its place is another: %o", (change, message) => {
    const story = someAppends();
    const log = story.withEvent(2, change);
    expect(checkAcknowledged(story.history, log)).toMatchObject([
      { guarantee: "G1", message: expect.stringMatching(message) },
    ]);
  });

  it("has as many positions as events", () => {
    const story = new Story();
    const append = story.newAppend(["a", "a"]);
    story.sent(append, { ...story.store(append), lastPosition: 3 });
    expect(checkAcknowledged(story.history, story.log)).toMatchObject([{ guarantee: "G2" }]);
  });

  it("names the revisions of every stream", () => {
    const story = new Story();
    const append = story.newAppend(["a", "b"]);
    story.sent(append, { ...story.store(append), firstRevisions: { a: 0 } });
    expect(checkAcknowledged(story.history, story.log)).toMatchObject([
      { guarantee: "G3", message: expect.stringMatching(/no revision of b/) },
    ]);
  });
});
