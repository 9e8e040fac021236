import { StreamState } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure, type Failed } from "../support/failure.js";
import {
  atRevision,
  type ConditionInit,
  newEvent,
  newEvents,
  noStream,
  streamExists,
} from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

/** A server whose stream "here" has revisions 0 to 2, and whose head is 3. */
async function withThreeEvents(): Promise<StoreClient> {
  const { client } = await startTestServer();
  await client.append({ events: newEvents("here", 3) });
  return client;
}

/** Appends to another stream than the one of the condition. */
function appendElsewhere(client: StoreClient, ...conditions: ConditionInit[]): Promise<unknown> {
  return client.append({ events: [newEvent("elsewhere")], conditions });
}

describe("a stream condition", () => {
  const holding: [string, ConditionInit][] = [
    ["NO_STREAM of a stream without events", noStream("missing")],
    ["EXISTS of a stream with events", streamExists("here")],
    ["the last revision", atRevision("here", 2)],
  ];
  it.each(holding)("holds: %s", async (_, condition) => {
    const client = await withThreeEvents();
    await appendElsewhere(client, condition);
    expect((await client.getStatus({})).head).toBe(4n);
  });

  const violated: [string, ConditionInit, string, bigint | undefined][] = [
    ["NO_STREAM of a stream with events", noStream("here"), "here", 2n],
    ["EXISTS of a stream without events", streamExists("missing"), "missing", undefined],
    ["a revision before the last", atRevision("here", 1), "here", 2n],
    ["a revision after the last", atRevision("here", 3), "here", 2n],
    ["a revision of a stream without events", atRevision("missing", 0), "missing", undefined],
    ["a revision beyond what a double holds", atRevision("here", 2n ** 62n), "here", 2n],
  ];
  const server = sharedServer((client) => client.append({ events: newEvents("here", 3) }));

  it.each(violated)("is violated: %s", async (_, condition, stream, actualRevision) => {
    const { client } = server();
    const failed = await expectFailure(appendElsewhere(client, condition), "CONDITION_FAILED");
    expect(failed.conditions?.head).toBe(3n);
    expect(failed.conditions?.violations).toHaveLength(1);
    const [violation] = failed.conditions?.violations ?? [];
    expect(violation).toMatchObject({ condition: 0, found: { case: "stream", value: { stream } } });
    const found = violation?.found.case === "stream" ? violation.found.value : undefined;
    expect(found?.actualRevision).toBe(actualRevision);
    expect(found?.expected).toMatchObject((condition.kind as { value: object }).value);
  });

  it("stores nothing when it is violated, in any stream", async () => {
    const client = await withThreeEvents();
    const events = [newEvent("new-1"), newEvent("here"), newEvent("new-2")];
    await expectFailure(
      client.append({ events, conditions: [noStream("here")] }),
      "CONDITION_FAILED",
    );
    expect((await client.getStatus({})).head).toBe(3n);
    for (const stream of ["new-1", "new-2"]) {
      expect((await client.getStream({ stream })).exists).toBe(false);
    }
    expect((await client.getStream({ stream: "here" })).info?.lastRevision).toBe(2n);
  });

  it("guards a chain of appends by the revision that the last answer tells", async () => {
    const client = await withThreeEvents();
    let revision = 2n;
    for (let i = 0; i < 20; i++) {
      const conditions = [atRevision("here", revision)];
      const answer = await client.append({ events: newEvents("here", 2), conditions });
      revision = answer.streams[0]?.lastRevision ?? -1n;
    }
    expect(revision).toBe(42n);
  });

  it("still knows the revisions after a restart", async () => {
    const first = await startTestServer();
    await first.client.append({ events: newEvents("here", 3) });
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    await expectFailure(appendElsewhere(client, noStream("here")), "CONDITION_FAILED");
    await expectFailure(appendElsewhere(client, atRevision("here", 1)), "CONDITION_FAILED");
    await appendElsewhere(client, atRevision("here", 2), noStream("missing"));
  });
});

describe("several conditions", () => {
  it("must all hold", async () => {
    const client = await withThreeEvents();
    await appendElsewhere(client, streamExists("here"), atRevision("here", 2), noStream("missing"));
    expect((await client.getStatus({})).head).toBe(4n);
  });

  it("report every violation, by its place in the request", async () => {
    const client = await withThreeEvents();
    const failed = await expectFailure(
      appendElsewhere(
        client,
        noStream("here"), // violated
        streamExists("here"),
        atRevision("here", 0), // violated
        noStream("missing"),
        streamExists("missing"), // violated
      ),
      "CONDITION_FAILED",
    );
    expect(placesOf(failed)).toEqual([0, 2, 4]);
    expect(failed.conditions?.head).toBe(3n);
  });

  it("may contradict each other, and then one is always violated", async () => {
    const client = await withThreeEvents();
    const failed = await expectFailure(
      appendElsewhere(client, noStream("missing"), streamExists("missing")),
      "CONDITION_FAILED",
    );
    expect(placesOf(failed)).toEqual([1]);
  });

  it("are checked against the log before the append, not with it", async () => {
    const client = await withThreeEvents();
    await client.append({
      events: [newEvent("fresh"), newEvent("fresh")],
      conditions: [noStream("fresh")],
    });
    expect((await client.getStream({ stream: "fresh" })).info?.lastRevision).toBe(1n);
  });

  it("name the state that was expected, as it was sent", async () => {
    const client = await withThreeEvents();
    const failed = await expectFailure(
      appendElsewhere(client, noStream("here")),
      "CONDITION_FAILED",
    );
    const found = failed.conditions?.violations[0]?.found;
    expect(found?.case === "stream" && found.value.expected?.expected).toEqual({
      case: "state",
      value: StreamState.NO_STREAM,
    });
  });
});

function placesOf({ conditions }: Failed): number[] {
  return conditions?.violations.map((violation) => violation.condition) ?? [];
}
