import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Snapshot, SnapshotSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range } from "../support/frames.js";
import { newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

type SnapshotInit = Omit<MessageInitShape<typeof SnapshotSchema>, "$typeName">;

async function withTenEvents(): Promise<StoreClient> {
  const { client } = await startTestServer();
  await client.append({ events: newEvents("s", 10) });
  return client;
}

async function save(client: StoreClient, fields: SnapshotInit): Promise<boolean> {
  const snapshot = { stream: "s", schemaType: "state/1", ...fields };
  return (await client.saveSnapshot({ snapshot })).saved;
}

async function get(client: StoreClient, stream = "s"): Promise<Snapshot | undefined> {
  return (await client.getSnapshot({ stream })).snapshot;
}

describe("a snapshot", () => {
  it("that was never saved is absent", async () => {
    const client = await withTenEvents();
    expect(await get(client)).toBeUndefined();
    expect(await get(client, "missing")).toBeUndefined();
  });

  it("comes back as it was saved, with the time", async () => {
    const client = await withTenEvents();
    const data = Uint8Array.from({ length: 256 }, (_, i) => i);
    const beforeMs = Date.now();
    expect(await save(client, { revision: 9n, data, contentType: "application/cbor" })).toBe(true);
    const snapshot = await get(client);
    expect(snapshot).toMatchObject({
      stream: "s",
      revision: 9n,
      schemaType: "state/1",
      contentType: "application/cbor",
    });
    expect(Buffer.from(snapshot?.data ?? [])).toEqual(Buffer.from(data));
    if (!snapshot?.savedAt) throw new Error("the time is missing");
    expect(timestampMs(snapshot.savedAt)).toBeGreaterThanOrEqual(beforeMs);
    expect(timestampMs(snapshot.savedAt)).toBeLessThanOrEqual(Date.now());
  });

  it("gets its time from the server, whatever the request says", async () => {
    const client = await withTenEvents();
    await save(client, { revision: 0n, savedAt: { seconds: 1n, nanos: 5 } });
    expect((await get(client))?.savedAt?.seconds).toBeGreaterThan(1_000_000_000n);
  });

  it("may be of any revision that the stream has, and empty", async () => {
    const client = await withTenEvents();
    for (const revision of [0n, 5n, 9n]) {
      expect(await save(client, { revision })).toBe(true);
      expect(await get(client)).toMatchObject({ revision, data: new Uint8Array() });
    }
  });

  it("beyond the last revision is refused", async () => {
    const client = await withTenEvents();
    const failed = await expectFailure(save(client, { revision: 10n }), "SNAPSHOT_AHEAD_OF_STREAM");
    expect(failed.metadata).toEqual({ revision: "10", lastRevision: "9" });
    expect(await get(client)).toBeUndefined();
  });

  it("of a stream without events is refused", async () => {
    const client = await withTenEvents();
    const call = save(client, { stream: "missing", revision: 0n });
    const failed = await expectFailure(call, "SNAPSHOT_AHEAD_OF_STREAM");
    expect(failed.metadata).toEqual({ revision: "0" });
  });

  it("of a lower revision and the same schema type does not replace the one there is", async () => {
    const client = await withTenEvents();
    await save(client, { revision: 6n, data: Buffer.of(6) });
    expect(await save(client, { revision: 5n, data: Buffer.of(5) })).toBe(false);
    expect(await get(client)).toMatchObject({ revision: 6n, data: Uint8Array.of(6) });
  });

  it("of the same revision and schema type replaces the one there is", async () => {
    const client = await withTenEvents();
    await save(client, { revision: 6n, data: Buffer.of(1) });
    expect(await save(client, { revision: 6n, data: Buffer.of(2) })).toBe(true);
    expect((await get(client))?.data).toEqual(Uint8Array.of(2));
  });

  it("of another schema type replaces the one there is, whatever its revision", async () => {
    const client = await withTenEvents();
    await save(client, { revision: 6n });
    expect(await save(client, { revision: 2n, schemaType: "state/2" })).toBe(true);
    expect(await get(client)).toMatchObject({ revision: 2n, schemaType: "state/2" });
  });

  it("is of one stream and one workspace", async () => {
    const client = await withTenEvents();
    await client.append({ workspace: "blue", events: newEvents("s", 1) });
    await client.append({ events: newEvents("s-1", 1) });
    await save(client, { revision: 3n });
    expect(await get(client, "s-1")).toBeUndefined();
    expect((await client.getSnapshot({ workspace: "blue", stream: "s" })).snapshot).toBeUndefined();
  });

  it("is there after a restart", async () => {
    const first = await startTestServer();
    await first.client.append({ events: newEvents("s", 10) });
    await save(first.client, { revision: 3n, data: Buffer.from("state") });
    const before = await get(first.client);
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    expect(await get(client)).toEqual(before);
  });

  it("with the highest revision stays, when many are saved at the same time", async () => {
    const client = await withTenEvents();
    const saves = [3, 9, 1, 7, 0, 8, 2].flatMap((n) =>
      range(1, 3).map(() => save(client, { revision: BigInt(n), data: Buffer.of(n) })),
    );
    await Promise.all(saves);
    expect(await get(client)).toMatchObject({ revision: 9n, data: Uint8Array.of(9) });
  });
});
