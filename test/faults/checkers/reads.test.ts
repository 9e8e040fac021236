import { describe, expect, it } from "vitest";
import type { ReadOperation, SeenEvent } from "../history.ts";
import { checkReads } from "./reads.ts";
import { Story } from "./story.ts";

function someAppends(): Story {
  const story = new Story();
  story.stored(["a", "b"], { fields: { tags: ["x"] } });
  story.stored(["a"]);
  story.stored(["b", "a"], { fields: { tags: ["x"] } });
  return story;
}

/** What is found if one read of stream a, which has positions 1, 3 and 5, is changed. */
function changed(change: (events: readonly SeenEvent[]) => readonly SeenEvent[]): string[] {
  const story = someAppends();
  const read = story.read({ stream: "a" });
  story.reads[0] = { ...read, outcome: { ...read.outcome, events: change(read.outcome.events) } };
  return found(story);
}

function found({ history, log }: Story): string[] {
  return checkReads(history, log).map(({ guarantee, message }) => {
    expect(guarantee).toBe("G9");
    return message;
  });
}

function failed(story: Story, change: Partial<ReadOperation>, positions: number[]): void {
  const events = positions.map((position) => story.log[position - 1] as SeenEvent);
  const outcome = { case: "failed" as const, reason: "CONNECTION_LOST" as const, events };
  story.reads[0] = { ...story.read(), stream: "a", ...change, outcome };
}

describe("a read", () => {
  it("serves what the stream, or the log, was at its head", () => {
    const story = someAppends();
    story.read({ stream: "a" });
    story.read({ stream: "nothing" });
    story.read();
    story.stored(["a"]);
    story.read();
    expect(found(story)).toEqual([]);
  });

  it("may see what is appended while it begins, or not", () => {
    const story = someAppends();
    story.stored(["a"], { during: [200, 300] });
    story.read({ head: 5, startedMs: 250, endedMs: 400 });
    story.read({ head: 6, startedMs: 250, endedMs: 400 });
    expect(found(story)).toEqual([]);
  });

  it.each<[string, Partial<ReadOperation>, number[]]>([
    ["from a revision", { stream: "a", from: 1 }, [3, 5]],
    ["backwards", { stream: "a", backwards: true }, [5, 3, 1]],
    ["from a position", { from: 4 }, [4, 5]],
    ["with a filter", { filter: [{ tags: ["x"] }] }, [1, 2, 4, 5]],
    ["with all of that", { stream: "a", from: 1, backwards: true, filter: [{ tags: ["x"] }] }, [5]],
  ])("serves what was asked for: %s", (_, query, positions) => {
    const story = someAppends();
    const read = story.read(query);
    const events = positions.map((position) => story.log[position - 1] as SeenEvent);
    story.reads[0] = { ...read, outcome: { ...read.outcome, events } };
    expect(found(story)).toEqual([]);
    story.reads[0] = { ...read, outcome: { ...read.outcome, events: events.slice(1) } };
    expect(found(story)).toHaveLength(1);
  });

  it("sees everything that was acknowledged before it began", () => {
    const story = someAppends();
    story.read({ stream: "a", head: 4 });
    expect(found(story)).toEqual([
      expect.stringMatching(
        /^read of a by client 2: it was answered as of head 4, but before it began append \S+ had seen the log up to 5$/,
      ),
    ]);
  });

  it("sees everything that another read had seen before it began", () => {
    const story = new Story();
    story.unknownButStored(["a"]);
    story.read();
    story.read({ head: 0 });
    expect(found(story)).toEqual([expect.stringMatching(/before it began a replay by client 2/)]);
  });

  it("does not name a last revision that is not that of its head", () => {
    const story = someAppends();
    const read = story.read({ stream: "a" });
    story.reads[0] = {
      ...read,
      outcome: { ...read.outcome, case: "answered", head: 5, lastRevision: 1 },
    };
    expect(found(story)).toEqual([expect.stringMatching(/named 1 as the last revision.* was 2$/)]);
  });

  it("does not see what is not in the log in the end", () => {
    const story = someAppends();
    story.read();
    story.log.pop();
    expect(found(story)).toEqual([expect.stringMatching(/head 5, but the log ends at 4$/)]);
  });

  it.each<[string, (events: readonly SeenEvent[]) => readonly SeenEvent[], RegExp]>([
    ["end early", (events) => events.slice(0, 2), /position 5 \(a, revision 2\) is missing after/],
    ["begin late", (events) => events.slice(1), /position 3 came where position 1 should have/],
    [
      "have a gap",
      (events) => events.filter((_, i) => i !== 1),
      /position 5 came where position 3/,
    ],
    [
      "have one twice",
      (events) => events.flatMap((e) => [e, e]),
      /position 1 came where position 3/,
    ],
    ["have one too many", (events) => [...events, ...events.slice(0, 1)], /position 1 .* too many/],
    ["have another order", (events) => events.toReversed(), /position 5 came where position 1/],
    ["have other bytes", (e) => e.map((one) => ({ ...one, digest: "0" })), /with other bytes/],
    ["have another id", (e) => e.map((one) => ({ ...one, id: "0" })), /with event 0, but the log/],
    ["have another time", (e) => e.map((one) => ({ ...one, recordedAtMs: 0 })), /with time 0/],
    [
      "have another revision",
      (e) => e.map((one) => ({ ...one, revision: 9 })),
      /as revision 9 of a/,
    ],
  ])("does not %s", (_, change, message) => {
    expect(changed(change)).toEqual([expect.stringMatching(message)]);
  });
});

describe("a read that failed", () => {
  it.each<[string, Partial<ReadOperation>, number[]]>([
    ["nothing", {}, []],
    ["a part", {}, [1, 3]],
    ["a part, backwards", { backwards: true }, [3, 1]],
    ["a part of the log", { stream: undefined, from: 2 }, [2, 3]],
  ])("has served the beginning: %s", (_, query, positions) => {
    const story = someAppends();
    failed(story, query, positions);
    expect(found(story)).toEqual([]);
  });

  it.each<[string, Partial<ReadOperation>, number[]]>([
    ["a gap", {}, [1, 5]],
    ["a late start", {}, [3]],
    ["a gap, backwards", { backwards: true }, [5, 1]],
    ["another stream", {}, [1, 2]],
  ])("has not served %s", (_, query, positions) => {
    const story = someAppends();
    failed(story, query, positions);
    expect(found(story)).toHaveLength(1);
  });
});
