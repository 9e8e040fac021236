import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import { ClassicLevel } from "classic-level";
import { describe, expect, it, vi } from "vitest";
import { AppendCall } from "../support/append-call.js";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { replay } from "../support/frames.js";
import { RawClient } from "../support/raw-client.js";
import { newEvent, noMatch } from "../support/requests.js";
import { startTestServer, type TestServer } from "../support/server.js";
import { broadClauses, broadConditions, fillFlags, fillHalves } from "./broad.js";

/** More than are looked at in memory. */
const EVENTS = 8_000;

/** A server whose log can be searched for long in vain. */
async function serverToSearch(lookUpsMax = 60_000_000): Promise<TestServer> {
  const flags = { ...fillFlags, "max-condition-look-ups": String(lookUpsMax) };
  const server = await startTestServer({ flags });
  await fillHalves(server.client, EVENTS);
  return server;
}

const broadAppend = { events: [newEvent("x")], conditions: broadConditions(64) };
/** One that ends before long. */
const lesserAppend = { events: [newEvent("x")], conditions: broadConditions(8) };

/** What others do: an append, one with a condition that has to be looked up, and a question. */
async function useByOthers(client: StoreClient, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await client.append({ events: [newEvent("others")] });
    const tag = `other:${randomUUID()}`;
    const event = newEvent("others", { tags: [tag] });
    const conditions = [noMatch([{ types: ["test.Happened"], tags: [tag] }])];
    await client.append({ events: [event], conditions });
    await client.getStatus({});
  }
}

/** Resolves when the server has begun to read the index for someone. */
async function searchBegun(): Promise<{ count: () => number }> {
  const reads = vi.spyOn(ClassicLevel.prototype, "iterator");
  while (reads.mock.calls.length < 200) await sleep(1);
  return { count: () => reads.mock.calls.length };
}

/**
 * An append of 27 KB, valid, whose conditions match nothing: others waited for 89 seconds, and
 * the server worked on after its caller had gone, and after it had been told to stop.
 */
describe("an append with broad conditions", () => {
  it("lets everyone else go on, new connections included", async () => {
    const { client, connect } = await serverToSearch();
    let answered = false;
    const searching = connect()
      .append(lesserAppend)
      .finally(() => {
        answered = true;
      });
    await searchBegun();
    await useByOthers(client, 3);
    await useByOthers(connect(), 1);
    expect(answered).toBe(false);
    const { firstPosition } = await searching;
    expect(firstPosition).toBe(BigInt(EVENTS + 9));
  });

  it("is refused beyond the bound, with what to narrow, and nothing is stored", async () => {
    const { client } = await serverToSearch(20_000);
    const { metadata, message } = await expectFailure(
      client.append(broadAppend),
      "SEARCH_TOO_BROAD",
    );
    expect(metadata).toEqual({
      limit: "conditionLookUpsMax",
      maximum: "20000",
      condition: expect.stringMatching(/^\d+$/),
    });
    expect(message).toContain('give "after"');
    expect((await client.getStatus({})).head).toBe(BigInt(EVENTS));
    const conditions = broadConditions(64).map(() => noMatch(broadClauses(2)));
    await client.append({ events: [newEvent("x")], conditions });
    const after = broadConditions(64).map((_, n) => noMatch(broadClauses(32, n * 32), EVENTS));
    await client.append({ events: [newEvent("x")], conditions: after });
  });

  it.each(["Append", "AppendStream"] as const)(
    "by %s is searched for no longer than its caller waits",
    async (method) => {
      const { address, client } = await serverToSearch();
      const cancel =
        method === "Append" ? startUnary(address) : startStreamed(new AppendCall(client));
      const reads = await searchBegun();
      cancel();
      await client.getStatus({});
      await sleep(100);
      const before = reads.count();
      await sleep(100);
      expect(reads.count()).toBe(before);
      expect((await client.getStatus({})).head).toBe(BigInt(EVENTS));
    },
  );

  it("does not hold up a stop", async () => {
    const { connect, stop } = await serverToSearch();
    const searching = expectFailure(connect().append(broadAppend), "SERVER_STOPPING");
    const reads = await searchBegun();
    await Promise.all([stop(), searching]);
    const before = reads.count();
    await sleep(100);
    expect(reads.count()).toBe(before);
  });

  it("keeps its place among the appends of its call", async () => {
    const { client } = await serverToSearch();
    const call = new AppendCall(client);
    const correlated = [lesserAppend, { events: [newEvent("x")] }, { events: [newEvent("y")] }];
    call.send(...correlated.map((append, n) => ({ correlation: BigInt(n), append })));
    await searchBegun();
    await useByOthers(client, 1);
    expect(call.arrived()).toEqual([]);
    const outcomes = await call.outcomes(3);
    const positions = outcomes.map(({ success }) => success?.firstPosition);
    expect(positions).toEqual([EVENTS + 3, EVENTS + 4, EVENTS + 5].map(BigInt));
  });
});

describe("many broad replays at once", () => {
  it("let everyone else go on, and tell how far they are", async () => {
    const { client, connect } = await serverToSearch();
    let answered = 0;
    const replays = Array.from({ length: 40 }, async () => {
      const { progress, events } = await replay(connect(), { filter: { anyOf: broadClauses(32) } });
      answered++;
      expect(events).toEqual([]);
      expect(progress.length).toBeGreaterThan(1);
    });
    await searchBegun();
    await useByOthers(client, 3);
    await useByOthers(connect(), 1);
    expect(answered).toBeLessThan(40);
    await Promise.all(replays);
  });
});

/** Begins an append of which nobody waits for the answer but its caller; returns how to give it up. */
function startUnary(address: string): () => void {
  const request = toBinary(AppendRequestSchema, create(AppendRequestSchema, broadAppend));
  const call = new RawClient(address).cancellable("Append", request);
  return () => call.cancel();
}

function startStreamed(call: AppendCall): () => void {
  call.send({ correlation: 1n, append: broadAppend });
  call.rest().catch(() => {});
  return () => call.cancel();
}
