import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Direction } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range, read, revisions, timeOf } from "../support/frames.js";
import { newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

const useSnapshot = { schemaType: "state/1" };

/** A stream "s" of ten events with a snapshot of revision 4. */
async function withSnapshot(revision = 4n): Promise<StoreClient> {
  const { client } = await startTestServer();
  await client.append({ events: newEvents("s", 6) });
  await client.append({ events: newEvents("s", 4) });
  const data = Buffer.from('{"sum":10}');
  const { schemaType } = useSnapshot;
  await client.saveSnapshot({ snapshot: { stream: "s", revision, schemaType, data } });
  return client;
}

describe("a read that uses the snapshot", () => {
  it("gives the snapshot and the events after it", async () => {
    const client = await withSnapshot();
    const { header, snapshot, events, kinds } = await read(client, { stream: "s", useSnapshot });
    expect(header).toMatchObject({ exists: true, lastRevision: 9n });
    expect(snapshot).toMatchObject({ stream: "s", revision: 4n, schemaType: "state/1" });
    expect(Buffer.from(snapshot?.data ?? []).toString()).toBe('{"sum":10}');
    expect(snapshot?.savedAt).toBeDefined();
    expect(revisions(events)).toEqual(range(5, 9));
    expect(kinds.slice(0, 3)).toEqual(["header", "snapshot", "events"]);
  });

  it("gives the snapshot alone if it is of the last revision", async () => {
    const client = await withSnapshot(9n);
    const { snapshot, events, kinds } = await read(client, { stream: "s", useSnapshot });
    expect(snapshot?.revision).toBe(9n);
    expect(events).toEqual([]);
    expect(kinds).toEqual(["header", "snapshot"]);
  });

  it("leaves out a snapshot of another schema type, and starts at 0", async () => {
    const client = await withSnapshot();
    const request = { stream: "s", useSnapshot: { schemaType: "state/2" } };
    const { snapshot, events } = await read(client, request);
    expect(snapshot).toBeUndefined();
    expect(revisions(events)).toEqual(range(0, 9));
  });

  it("starts at 0 if there is no snapshot", async () => {
    const { client } = await startTestServer();
    await client.append({ events: newEvents("s", 3) });
    const { snapshot, events } = await read(client, { stream: "s", useSnapshot });
    expect(snapshot).toBeUndefined();
    expect(revisions(events)).toEqual([0, 1, 2]);
  });

  it("leaves out a snapshot that is beyond `to_revision`", async () => {
    const client = await withSnapshot();
    const { snapshot, events } = await read(client, { stream: "s", toRevision: 3n, useSnapshot });
    expect(snapshot).toBeUndefined();
    expect(revisions(events)).toEqual(range(0, 3));
  });

  it("keeps a snapshot that is exactly at `to_revision`", async () => {
    const client = await withSnapshot();
    const { snapshot, events } = await read(client, { stream: "s", toRevision: 4n, useSnapshot });
    expect(snapshot?.revision).toBe(4n);
    expect(events).toEqual([]);
  });

  it("leaves out a snapshot that is beyond the time asked for", async () => {
    const { client } = await startTestServer();
    const first = await client.append({ events: newEvents("s", 3) });
    let last = first;
    while (timeOf(last) === timeOf(first))
      last = await client.append({ events: newEvents("s", 1) });
    const revision = last.streams[0]?.lastRevision ?? -1n;
    const snapshot = { stream: "s", revision, schemaType: "state/1" };
    await client.saveSnapshot({ snapshot });
    const asOf = timestampFromMs(timeOf(last) - 1);
    const answer = await read(client, { stream: "s", asOf, useSnapshot });
    expect(answer.snapshot).toBeUndefined();
    expect(revisions(answer.events)).toEqual(range(0, Number(revision) - 1));
  });

  it("counts the limit over the events, not the snapshot", async () => {
    const client = await withSnapshot();
    const { snapshot, events } = await read(client, { stream: "s", limit: 2n, useSnapshot });
    expect(snapshot?.revision).toBe(4n);
    expect(revisions(events)).toEqual([5, 6]);
  });

  it("says of a stream without events that it does not exist", async () => {
    const { client } = await startTestServer();
    const { header, kinds } = await read(client, { stream: "missing", useSnapshot });
    expect(header.exists).toBe(false);
    expect(kinds).toEqual(["header"]);
  });

  it.each([
    ["backwards", { direction: Direction.BACKWARDS }],
    ["from a revision", { fromRevision: 0n }],
    ["with a filter", { filter: { anyOf: [{ types: ["t"] }] } }],
    ["with a filter without clauses", { filter: {} }],
  ])("cannot go %s", async (_, request) => {
    const client = await withSnapshot();
    const call = client.read({ ...request, stream: "s", useSnapshot });
    const { fields } = await expectFailure(call, "INVALID_REQUEST");
    expect(fields).toEqual(["use_snapshot"]);
  });

  it("needs a schema type", async () => {
    const client = await withSnapshot();
    const call = client.read({ stream: "s", useSnapshot: {} });
    const { fields } = await expectFailure(call, "INVALID_REQUEST");
    expect(fields).toEqual(["use_snapshot.schema_type"]);
  });
});
