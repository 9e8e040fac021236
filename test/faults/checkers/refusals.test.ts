import { describe, expect, it } from "vitest";
import { atRevision, noMatch, noStream, streamExists } from "../../src/support/requests.ts";
import type { FoundState } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { checkRefusals } from "./refusals.ts";
import { Story } from "./story.ts";

const conditions = [atRevision("a", 0), noMatch([{ tags: ["t"] }], 1), streamExists("b")];

/** A conflict at head 3 of a log in which `a` is at revision 1 and position 2 has the tag. */
function conflict(found: FoundState[], head?: number): Violation[] {
  const story = new Story();
  story.stored(["a"]);
  story.stored(["a"], { fields: { tags: ["t"] } });
  story.stored(["b"]);
  story.refused(["c"], { conditions }, { found, ...(head !== undefined && { head }) });
  story.stored(["a", "b"], { fields: { tags: ["t"] } });
  return checkRefusals(story.history, story.log);
}

const revision1: FoundState = { condition: 0, case: "stream", lastRevision: 1 };
const match2: FoundState = { condition: 1, case: "query", position: 2 };

describe("a conflict", () => {
  it("is justified if exactly what it names is broken", () => {
    expect(conflict([revision1, match2])).toEqual([]);
  });

  it.each<[string, FoundState[], number?]>([
    ["it names nothing", []],
    ["it leaves a broken condition out", [match2]],
    [
      "it names one that holds",
      [revision1, match2, { condition: 2, case: "stream", lastRevision: 0 }],
    ],
    ["it says of a stream what was so before", [{ ...revision1, lastRevision: 0 }, match2]],
    ["it says of a stream what was so after", [{ ...revision1, lastRevision: 2 }, match2]],
    ["it says that a stream has no event", [{ ...revision1, lastRevision: undefined }, match2]],
    ["it names a match that is none", [revision1, { ...match2, position: 3 }]],
    ["it names a match that is not the first", [revision1, { ...match2, position: 4 }]],
    ["it was decided at a head of before", [revision1, match2], 2],
    ["it was decided at a head of after", [revision1, match2], 4],
  ])("is not justified if %s", (_, found, head) => {
    const [violation, ...more] = conflict(found, head);
    expect(violation).toMatchObject({
      guarantee: "G5",
      message: expect.stringMatching(/\(client 1, 1 event to c\) was refused because of /),
    });
    expect(more).toEqual([]);
  });

  it("says in its violation what was found, and where that is so", () => {
    const [violation] = conflict([{ ...revision1, lastRevision: 2 }, match2]);
    expect(violation?.message).toMatch(
      /because of "a at revision 0" \(found: last revision 2\) and "no match of \(t\) after 1" \(a match at 2\), which is so from head 4 on, but it was decided at head 3$/,
    );
  });

  it("may rest on anything that was possible while it was decided", () => {
    const story = new Story();
    story.stored(["a"], { during: [1, 10] });
    story.refused(
      ["a"],
      { conditions: [noStream("a")], during: [2, 3] },
      { found: [{ condition: 0, case: "stream", lastRevision: 0 }], head: 1 },
    );
    expect(checkRefusals(story.history, story.log)).toEqual([]);
  });

  it("may rest on a stream that never comes to be", () => {
    const story = new Story();
    story.refused(
      ["a"],
      { conditions: [streamExists("never")] },
      { found: [{ condition: 0, case: "stream", lastRevision: undefined }], head: 0 },
    );
    expect(checkRefusals(story.history, story.log)).toEqual([]);
  });

  it("cannot rest on an append that began after it", () => {
    const story = new Story();
    story.refused(
      ["a"],
      { conditions: [noStream("a")] },
      { found: [{ condition: 0, case: "stream", lastRevision: 0 }], head: 1 },
    );
    story.stored(["a"]);
    expect(checkRefusals(story.history, story.log)).toMatchObject([{ guarantee: "G5" }]);
  });

  it("cannot rest on what is not in the log in the end: it was not durable", () => {
    const story = new Story();
    story.stored(["a"]);
    story.refused(
      ["a"],
      { conditions: [noStream("b")] },
      { found: [{ condition: 0, case: "stream", lastRevision: 0 }], head: 2 },
    );
    expect(checkRefusals(story.history, story.log)).toMatchObject([{ guarantee: "G5" }]);
  });

  it("does not answer a repeat of what is stored", () => {
    const story = new Story();
    const { append } = story.stored(["a"], { conditions: [noStream("a")] });
    const found: FoundState[] = [{ condition: 0, case: "stream", lastRevision: 0 }];
    story.sent(append, { case: "refused", reason: "CONDITION_FAILED", found, head: 1 });
    expect(checkRefusals(story.history, story.log)).toMatchObject([
      { guarantee: "G6", message: expect.stringMatching(/after it had been stored at 1/) },
    ]);
  });
});

describe("an append that was refused", () => {
  it("is not stored", () => {
    const story = new Story();
    const append = story.newAppend(["a"]);
    story.sent(append, { case: "refused", reason: "STORAGE_FULL", found: [] });
    story.store(append);
    expect(checkRefusals(story.history, story.log)).toMatchObject([
      {
        guarantee: "G7",
        message: expect.stringMatching(/\(STORAGE_FULL\), but it is stored at 1/),
      },
    ]);
  });

  it("may be stored by another attempt", () => {
    const story = new Story();
    const append = story.newAppend(["a"]);
    story.sent(append, { case: "refused", reason: "STORAGE_FULL", found: [] });
    story.sent(append, story.store(append));
    expect(checkRefusals(story.history, story.log)).toEqual([]);
  });
});
