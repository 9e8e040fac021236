import { describe, expect, it } from "vitest";
import type { SeenEvent, SubscriptionOperation } from "../history.ts";
import { Story } from "./story.ts";
import { checkSubscriptions } from "./subscriptions.ts";

function someAppends(): Story {
  const story = new Story();
  for (let i = 0; i < 3; i++) story.stored(["a", "b"]);
  return story;
}

function found({ history, log }: Story): string[] {
  return checkSubscriptions(history, log).map(({ guarantee, message }) => {
    expect(guarantee).toBe("G8");
    return message;
  });
}

/** What is found if a subscription after position 1 is changed. */
function changed(change: Partial<SubscriptionOperation>): string[] {
  const story = someAppends();
  story.subscription(1, change);
  return found(story);
}

function positions(...wanted: number[]): SeenEvent[] {
  const { log } = someAppends();
  return wanted.map((position) => log[position - 1] as SeenEvent);
}

describe("a subscription", () => {
  it("delivers everything after its start, up to where it is", () => {
    const story = someAppends();
    story.subscription(0);
    story.subscription(4);
    story.subscription(6);
    story.subscription(2, { events: story.log.slice(2, 4), completeUpTo: 4 });
    expect(found(story)).toEqual([]);
  });

  it("delivers only what matches", () => {
    const story = someAppends();
    const filter = [{ source: { case: "stream" as const, value: "b" } }];
    const events = story.log.filter(({ stream }) => stream === "b");
    story.subscription(0, { filter, events });
    expect(found(story)).toEqual([]);
    story.subscription(0, { filter });
    expect(found(story)).toEqual([
      expect.stringMatching(/^subscription after 0 by client 3, filter .*: position 1 came where/),
    ]);
  });

  it.each<[string, Partial<SubscriptionOperation>, RegExp]>([
    ["leave one out", { events: positions(2, 3, 5, 6) }, /position 5 came where position 4 should/],
    [
      "skip the first",
      { events: positions(3, 4, 5, 6) },
      /position 3 came where position 2 should/,
    ],
    [
      "leave the last out",
      { events: positions(2, 3, 4, 5) },
      /position 6 \(b, revision 2\) is missing/,
    ],
    [
      "deliver one twice",
      { events: positions(2, 3, 3, 4, 5, 6) },
      /position 3 came where position 4/,
    ],
    [
      "begin too early",
      { events: positions(1, 2, 3, 4, 5, 6) },
      /position 1 came where position 2/,
    ],
    ["change the order", { events: positions(2, 4, 3, 5, 6) }, /position 4 came where position 3/],
    [
      "alter bytes",
      { events: positions(2, 3, 4, 5, 6).map((event) => ({ ...event, digest: "0" })) },
      /position 2 was served with other bytes/,
    ],
    ["claim what is not there", { completeUpTo: 9 }, /said to be at 9, but the log ends at 6/],
    ["fall silent", { silentMs: 15_000 }, /came to 6 and then sent nothing for 15000 ms/],
    [
      "get stuck",
      { events: positions(2), completeUpTo: 2, awaited: 5 },
      /came to 2 and no further/,
    ],
  ])("does not %s", (_, change, message) => {
    expect(changed(change)).toEqual([expect.stringMatching(message)]);
  });

  it("may be cut off without a word", () => {
    expect(changed({ silentMs: 2000, failure: "CONNECTION_LOST" })).toEqual([]);
  });

  it("does not deliver what is lost later: that was not durable", () => {
    const story = someAppends();
    story.subscription(0);
    story.log.pop();
    expect(found(story)).toEqual([
      expect.stringMatching(/position 6 was delivered, but the log ends at 5: it was not durable/),
    ]);
  });

  it("does not deliver what turns out to be another event", () => {
    const story = someAppends();
    story.subscription(0);
    const [violation] = checkSubscriptions(story.history, story.withEvent(6, { id: "other" }));
    expect(violation?.message).toMatch(/but the log has event other there/);
  });
});
