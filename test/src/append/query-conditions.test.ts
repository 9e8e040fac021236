import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import {
  type ClauseInit,
  type ConditionInit,
  newEvent,
  newEvents,
  noMatch,
  noStream,
  ofCategory,
  ofStream,
} from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

/**
 * A log of four events:
 *
 *     1  course-1    course.Defined   tags course:1
 *     2  student-7   student.Enrolled tags student:7
 *     3  course-1    course.Booked    tags course:1 student:7
 *     4  course      course.Defined   tags course:2
 */
async function appendFourEvents(client: StoreClient): Promise<void> {
  await client.append({
    events: [
      newEvent("course-1", { type: "course.Defined", tags: ["course:1"] }),
      newEvent("student-7", { type: "student.Enrolled", tags: ["student:7"] }),
      newEvent("course-1", { type: "course.Booked", tags: ["course:1", "student:7"] }),
    ],
  });
  const last = newEvent("course", { type: "course.Defined", tags: ["course:2"] });
  await client.append({ events: [last] });
}

async function withFourEvents(): Promise<StoreClient> {
  const { client } = await startTestServer();
  await appendFourEvents(client);
  return client;
}

function appendIf(client: StoreClient, ...conditions: ConditionInit[]): Promise<unknown> {
  return client.append({ events: [newEvent("other")], conditions });
}

describe("a query condition", () => {
  /** For appends that are refused. */
  const server = sharedServer(appendFourEvents);

  const matching: [string, ClauseInit[], number][] = [
    ["an exact type", [{ types: ["course.Booked"] }], 3],
    ["one of several types", [{ types: ["nothing", "student.Enrolled", "course.Booked"] }], 2],
    ["a prefix of types", [{ types: ["student.*"] }], 2],
    ["every type", [{ types: ["*"] }], 1],
    ["a tag", [{ tags: ["student:7"] }], 2],
    ["all of several tags", [{ tags: ["student:7", "course:1"] }], 3],
    ["a category", [ofCategory("student")], 2],
    ["a category of streams with and without a dash", [ofCategory("course")], 1],
    ["a stream", [ofStream("course")], 4],
    ["a type and a tag", [{ types: ["course.Defined"], tags: ["course:2"] }], 4],
    ["a type, a tag and a stream", [clause("course.*", "student:7", "course-1")], 3],
    ["any of several clauses", [{ tags: ["course:2"] }, { types: ["course.Booked"] }], 3],
    ["no clause, which is every event", [], 1],
  ];
  it.each(matching)("is violated by %s, and names the first match", async (_, anyOf, position) => {
    const { client } = server();
    const failed = await expectFailure(appendIf(client, noMatch(anyOf)), "CONDITION_FAILED");
    expect(failed.conditions?.head).toBe(4n);
    expect(failed.conditions?.violations).toMatchObject([
      { condition: 0, found: { case: "query", value: { position: BigInt(position) } } },
    ]);
  });

  it("tells the type and the stream of the match", async () => {
    const { client } = server();
    const condition = noMatch([{ tags: ["course:1"] }], 1);
    const failed = await expectFailure(appendIf(client, condition), "CONDITION_FAILED");
    expect(failed.conditions?.violations[0]?.found.value).toMatchObject({
      position: 3n,
      type: "course.Booked",
      stream: "course-1",
    });
  });

  const missing: [string, ClauseInit[]][] = [
    ["another type", [{ types: ["course.Closed"] }]],
    ["a type that only begins alike", [{ types: ["course.Define"] }]],
    ["a prefix that nothing has", [{ types: ["course.X*"] }]],
    ["tags that no event has together", [{ tags: ["course:2", "student:7"] }]],
    ["a tag that only begins alike", [{ tags: ["student:"] }]],
    ["a category that is only a prefix", [ofCategory("stud")]],
    ["a stream that is only a category", [ofStream("student")]],
    ["a type in another stream", [{ types: ["student.Enrolled"], ...ofStream("course-1") }]],
    ["none of several clauses", [{ types: ["a"] }, { tags: ["b"] }, ofStream("c")]],
  ];
  it.each(missing)("holds for %s", async (_, anyOf) => {
    const client = await withFourEvents();
    await appendIf(client, noMatch(anyOf));
    expect((await client.getStatus({})).head).toBe(5n);
  });

  it.each([
    ["before the match", 2, false],
    ["at the match", 3, true],
    ["behind the match", 4, true],
  ])("with `after` %s", async (_, after, holds) => {
    const client = await withFourEvents();
    const call = appendIf(client, noMatch([{ types: ["course.Booked"] }], after));
    if (holds) await call;
    else await expectFailure(call, "CONDITION_FAILED");
  });

  it("with `after` 0 looks at the whole log", async () => {
    const { client } = server();
    await expectFailure(appendIf(client, noMatch([ofStream("course-1")], 0)), "CONDITION_FAILED");
  });

  it("with `after` beyond the head fails with POSITION_AHEAD_OF_HEAD", async () => {
    const { client } = server();
    const call = appendIf(client, noMatch([ofStream("course-1")], 5));
    const failed = await expectFailure(call, "POSITION_AHEAD_OF_HEAD");
    expect(failed.metadata).toMatchObject({ position: "5", head: "4" });
    expect((await client.getStatus({})).head).toBe(4n);
  });

  it("holds on an empty log, even for every event", async () => {
    const { client } = await startTestServer();
    await appendIf(client, noMatch([]));
    await expectFailure(appendIf(client, noMatch([])), "CONDITION_FAILED");
  });

  it("is not violated by the events of its own append", async () => {
    const { client } = await startTestServer();
    const events = newEvents("seat-1", 3, { type: "seat.Taken" });
    await client.append({ events, conditions: [noMatch([{ types: ["seat.Taken"] }])] });
    expect((await client.getStatus({})).head).toBe(3n);
  });

  it("holds again with the head that the failure tells as its `after`", async () => {
    const client = await withFourEvents();
    const anyOf = [{ tags: ["course:1"] }];
    const failed = await expectFailure(appendIf(client, noMatch(anyOf)), "CONDITION_FAILED");
    await appendIf(client, noMatch(anyOf, failed.conditions?.head ?? -1n));
  });

  it("is reported together with stream conditions", async () => {
    const { client } = server();
    const failed = await expectFailure(
      appendIf(
        client,
        noMatch([{ tags: ["course:2"] }]), // violated
        noStream("missing"),
        noStream("course"), // violated
        noMatch([{ types: ["nothing"] }]),
        noMatch([ofCategory("student")], 1), // violated
      ),
      "CONDITION_FAILED",
    );
    const violations = failed.conditions?.violations ?? [];
    expect(violations.map(({ condition, found }) => [condition, found.case])).toEqual([
      [0, "query"],
      [2, "stream"],
      [4, "query"],
    ]);
  });

  it("finds a match far back in the log, after a restart", async () => {
    const first = await startTestServer();
    await first.client.append({ events: [newEvent("seat-1", { tags: ["seat:1"] })] });
    for (let i = 0; i < 5; i++) await first.client.append({ events: newEvents("bulk", 2000) });
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    const failed = await expectFailure(
      appendIf(client, noMatch([{ tags: ["seat:1"] }])),
      "CONDITION_FAILED",
    );
    expect(failed.conditions).toMatchObject({
      head: 10_001n,
      violations: [{ found: { case: "query", value: { position: 1n } } }],
    });
    await appendIf(client, noMatch([{ tags: ["seat:1"] }], 1));
  });
});

function clause(type: string, tag: string, stream: string): ClauseInit {
  return { types: [type], tags: [tag], ...ofStream(stream) };
}
