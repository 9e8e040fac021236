import { create } from "@bufbuild/protobuf";
import { anyPack, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { ListStreamsRequest, SaveSnapshotRequest } from "@varve/proto";
import { ErrorInfoSchema } from "@varve/proto/google/rpc";
import { describe, expect, it } from "vitest";
import { createClient } from "./client.js";
import { UnreachableError, VarveError } from "./errors.js";
import {
  clientOf,
  collect,
  FakeLog,
  rejectionOf,
  statusError,
  transportTo,
  unavailable,
  untilCancelled,
  utf8,
} from "./test-support/service.js";
import type { Limits, NewEvent, NewStreamEvent } from "./types.js";

const time = timestampFromMs(1_700_000_000_000);
const date = new Date(1_700_000_000_000);

function infoOf(stream: string) {
  return {
    stream,
    lastRevision: 4n,
    eventCount: 5n,
    firstRecordedAt: time,
    lastRecordedAt: time,
    lastPosition: 9n,
  };
}

const noLimits: Limits = {
  eventDataBytesMax: 0,
  appendBytesMax: 0,
  appendEventsMax: 0,
  streamNameBytesMax: 0,
  typeBytesMax: 0,
  metadataBytesMax: 0,
  tagsMax: 0,
  tagBytesMax: 0,
  snapshotBytesMax: 0,
  messageBytesMax: 0,
  conditionsMax: 0,
  filterClausesMax: 0,
  filterTypesMax: 0,
  conditionLookUpsMax: 0,
};

describe("append and appendMany", () => {
  it("resolve with where the events are", async () => {
    await using client = clientOf(new FakeLog());
    expect(await client.append("order-1", [{ type: "A" }, { type: "B" }])).toEqual({
      firstPosition: 1n,
      lastPosition: 2n,
      recordedAt: date,
      streams: [{ stream: "order-1", firstRevision: 0n, lastRevision: 0n }],
      repeat: false,
    });
  });

  it("keep the order of events over streams", async () => {
    const log = new FakeLog();
    await using client = clientOf(log);
    await client.appendMany([
      { stream: "a", type: "A" },
      { stream: "b", type: "B" },
      { stream: "a", type: "C" },
    ]);
    const sent = log.appends[0]?.append?.events.map(({ stream, event }) => [stream, event?.type]);
    expect(sent).toEqual([
      ["a", "A"],
      ["b", "B"],
      ["a", "C"],
    ]);
  });

  it("use the append id that they are given", async () => {
    const log = new FakeLog();
    await using client = clientOf(log);
    const appendId = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";
    await client.append("order-1", { type: "A" }, { appendId });
    expect(await client.append("order-1", { type: "A" }, { appendId })).toMatchObject({
      repeat: true,
    });
    await client.append("order-1", { type: "A" });
    expect(new Set(log.appends.map(({ append }) => append?.appendId)).size).toBe(2);
  });

  it.each<[string, unknown, unknown]>([
    ["no events", [], {}],
    ["an empty append id", { type: "A" }, { appendId: "" }],
    ["a negative revision", { type: "A" }, { expect: -1 }],
  ])("reject %s, and send nothing", async (_, events, options) => {
    const log = new FakeLog();
    await using client = clientOf(log);
    const error = await rejectionOf(
      client.append("order-1", events as NewEvent[], options as object),
    );
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    await expect(client.appendMany([] as NewStreamEvent[])).rejects.toThrow(TypeError);
    expect(log.frames).toHaveLength(0);
  });
});

describe("getStream", () => {
  it("describes a stream", async () => {
    await using client = clientOf({
      getStream: ({ stream }) => ({ exists: true, info: infoOf(stream) }),
    });
    expect(await client.getStream("order-1")).toEqual({
      stream: "order-1",
      lastRevision: 4n,
      eventCount: 5n,
      firstRecordedAt: date,
      lastRecordedAt: date,
      lastPosition: 9n,
    });
  });

  it("answers undefined for a stream without events", async () => {
    await using client = clientOf({ getStream: () => ({ exists: false }) });
    expect(await client.getStream("order-1")).toBeUndefined();
  });
});

describe("listStreams", () => {
  it("fetches page by page, as it is iterated", async () => {
    const requests: ListStreamsRequest[] = [];
    await using client = clientOf({
      listStreams(request) {
        requests.push(request);
        const page = Number(request.pageToken || "0");
        return {
          streams: [infoOf(`order-${page}a`), infoOf(`order-${page}b`)],
          nextPageToken: page < 2 ? String(page + 1) : "",
        };
      },
    });
    const streams = client.listStreams({ prefix: "order-", pageSize: 2 });
    expect(requests).toHaveLength(0);
    await collect(streams, 2);
    expect(requests).toHaveLength(1);
    const names = (await collect(streams)).map(({ stream }) => stream);
    expect(names).toEqual(["order-0a", "order-0b", "order-1a", "order-1b", "order-2a", "order-2b"]);
    expect(requests[0]).toMatchObject({ workspace: "default", prefix: "order-", pageSize: 2 });
    expect(requests.slice(1).map(({ pageToken }) => pageToken)).toEqual(["", "1", "2"]);
  });

  it.each([0, 1_001, 1.5])("refuses a page size of %s at once", async (pageSize) => {
    await using client = clientOf({});
    expect(() => client.listStreams({ pageSize })).toThrow(RangeError);
  });
});

describe("snapshots", () => {
  it("are saved as JSON, and say whether they were", async () => {
    let sent: SaveSnapshotRequest | undefined;
    await using client = clientOf({
      saveSnapshot(request) {
        sent = request;
        return { saved: false };
      },
    });
    const snapshot = { stream: "order-1", revision: 3, schemaType: "order/1", data: { total: 7 } };
    expect(await client.saveSnapshot(snapshot)).toBe(false);
    expect(sent?.snapshot).toMatchObject({
      stream: "order-1",
      revision: 3n,
      schemaType: "order/1",
      contentType: "application/json",
      data: utf8('{"total":7}'),
    });
  });

  it("are read back", async () => {
    await using client = clientOf({
      getSnapshot: ({ stream }) => ({
        snapshot: {
          stream,
          revision: 3n,
          schemaType: "order/1",
          data: utf8('{"total":7}'),
          savedAt: time,
        },
      }),
    });
    expect(await client.getSnapshot("order-1")).toMatchObject({
      stream: "order-1",
      revision: 3n,
      schemaType: "order/1",
      contentType: "application/json",
      savedAt: date,
      data: { total: 7 },
    });
  });

  it("are undefined if there is none", async () => {
    await using client = clientOf({ getSnapshot: () => ({}) });
    expect(await client.getSnapshot("order-1")).toBeUndefined();
  });
});

describe("status", () => {
  it("tells what the server says of the workspace", async () => {
    await using client = clientOf({
      getStatus: ({ workspace }) => ({
        version: "0.1.0",
        workspace,
        head: 7n,
        time,
        startedAt: time,
        limits: { appendBytesMax: 4_194_304n, messageBytesMax: 16_777_216n, conditionsMax: 64n },
      }),
    });
    const limits = { ...noLimits, appendBytesMax: 4_194_304, messageBytesMax: 16_777_216 };
    const expected = {
      version: "0.1.0",
      head: 7n,
      time: date,
      startedAt: date,
      limits: { ...limits, conditionsMax: 64 },
    };
    expect(await client.status()).toEqual({ ...expected, workspace: "default" });
    expect(await client.workspace("billing").status()).toEqual({
      ...expected,
      workspace: "billing",
    });
  });
});

describe("status of a workspace that is not well", () => {
  it("tells why appends are refused, and what the last check found", async () => {
    const value = create(ErrorInfoSchema, { reason: "STORAGE_FULL", domain: "varve.dev" });
    const details = [anyPack(ErrorInfoSchema, value)];
    await using client = clientOf({
      getStatus: () => ({
        time,
        startedAt: time,
        limits: {},
        appendsRefused: {
          code: Code.ResourceExhausted,
          message: "the disk is almost full",
          details,
        },
        verification: { startedAt: time, position: 6n, findings: 2n },
      }),
    });
    const { appendsRefused, verification } = await client.status();
    expect(appendsRefused).toBeInstanceOf(VarveError);
    expect(appendsRefused).toMatchObject({ reason: "STORAGE_FULL", code: "RESOURCE_EXHAUSTED" });
    expect(verification).toEqual({ startedAt: date, position: 6n, findings: 2n });
  });
});

describe("unary calls", () => {
  it("are repeated while the server is unreachable", async () => {
    let calls = 0;
    await using client = clientOf({
      getStream() {
        calls += 1;
        if (calls < 4) throw unavailable();
        return { exists: false };
      },
    });
    expect(await client.getStream("order-1")).toBeUndefined();
    expect(calls).toBe(4);
  });

  it("reject when the tries are used up", async () => {
    await using client = clientOf({
      getStream() {
        throw unavailable();
      },
    });
    expect(await rejectionOf(client.getStream("order-1"))).toBeInstanceOf(UnreachableError);
  });

  it("are not repeated when the server refuses them", async () => {
    let calls = 0;
    await using client = clientOf({
      saveSnapshot() {
        calls += 1;
        throw statusError(Code.FailedPrecondition, "SNAPSHOT_AHEAD_OF_STREAM", "too new", {
          revision: "9",
        });
      },
    });
    const snapshot = { stream: "order-1", revision: 9, schemaType: "order/1", data: {} };
    expect(await rejectionOf(client.saveSnapshot(snapshot))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "SNAPSHOT_AHEAD_OF_STREAM",
      metadata: { revision: "9" },
    });
    expect(calls).toBe(1);
  });

  it("reject with the signal's reason", async () => {
    const controller = new AbortController();
    await using client = clientOf({
      async getStatus(_, context) {
        setTimeout(() => controller.abort("enough"), 1);
        await untilCancelled(context.signal);
        return {};
      },
    });
    expect(await rejectionOf(client.status({ signal: controller.signal }))).toBe("enough");
    expect(await rejectionOf(client.status({ signal: controller.signal }))).toBe("enough");
  });
});

describe("close", () => {
  it("ends running calls of all workspaces, and closes what is under the transport once", async () => {
    let closed = 0;
    const service = {
      async getStatus(_: unknown, context: { readonly signal: AbortSignal }) {
        await untilCancelled(context.signal);
        return {};
      },
    };
    const client = createClient(transportTo(service), {
      close: async () => {
        closed += 1;
      },
    });
    const running = [client.status(), client.workspace("billing").status()].map(rejectionOf);
    await client.workspace("other").close();
    await client.close();
    for (const error of await Promise.all(running)) {
      expect(error).toMatchObject({ code: "CANCELLED", reason: "CANCELLED" });
    }
    expect(closed).toBe(1);
  });

  it("makes later calls reject", async () => {
    const client = clientOf({ getStatus: () => ({}) });
    await client.close();
    expect(await rejectionOf(client.status())).toMatchObject({ code: "CANCELLED" });
    expect(await rejectionOf(client.read("order-1").header)).toMatchObject({ code: "CANCELLED" });
    expect(await collect(client.subscribe())).toEqual([]);
  });
});

describe("createClient", () => {
  it("works in the workspace that it is given", async () => {
    await using client = clientOf(
      { getStatus: ({ workspace }) => ({ workspace, time, startedAt: time, limits: {} }) },
      { workspace: "billing" },
    );
    expect((await client.status()).workspace).toBe("billing");
  });

  it("refuses an empty workspace", () => {
    expect(() => clientOf({}, { workspace: "" })).toThrow(TypeError);
    expect(() => clientOf({}).workspace("")).toThrow(TypeError);
  });
});
