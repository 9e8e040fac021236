import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, createRouterTransport, type ServiceImpl } from "@connectrpc/connect";
import { type BackupRequest, BackupResponseSchema, MaintenanceService } from "@varve/proto";
import { describe, expect, it, vi } from "vitest";
import {
  collect,
  QUICK,
  rejectionOf,
  statusError,
  unavailable,
  untilCancelled,
} from "../test-support/service.js";
import { createMaintenanceClient } from "./client.js";
import type { MaintenanceClient } from "./types.js";

type Frame = MessageInitShape<typeof BackupResponseSchema>;

const chain = new Uint8Array(32).fill(7);
const header: Frame = {
  frame: {
    case: "header",
    value: {
      workspace: "w",
      afterPosition: 4n,
      afterChain: chain,
      head: 9n,
      headChain: chain,
      time: timestampFromMs(1_700_000_000_000),
    },
  },
};
const blocks: Frame = { frame: { case: "blocks", value: { blocks: [chain] } } };
const end: Frame = { frame: { case: "end", value: { head: 9n } } };

function clientOf(service: Partial<ServiceImpl<typeof MaintenanceService>>): MaintenanceClient {
  const transport = createRouterTransport((router) => {
    router.service(MaintenanceService, service);
  });
  return createMaintenanceClient(transport, { retry: QUICK });
}

function answering(...frames: Frame[]): MaintenanceClient {
  return clientOf({
    backup: async function* () {
      yield* frames;
    },
  });
}

describe("a list of workspaces", () => {
  it("has their names", async () => {
    await using client = clientOf({ listWorkspaces: () => ({ workspaces: ["a", "b"] }) });
    expect(await client.listWorkspaces()).toEqual(["a", "b"]);
  });
});

describe("a backup", () => {
  it("yields encoded frames, the header among them", async () => {
    await using client = answering(header, blocks, end);
    const frames = await collect(client.backup());
    expect(frames.map((frame) => fromBinary(BackupResponseSchema, frame))).toEqual(
      [header, blocks, end].map((frame) => create(BackupResponseSchema, frame)),
    );
  });

  it("tells its header, before or without its frames", async () => {
    await using client = answering(header, blocks, end);
    const backup = client.backup();
    expect(await backup.header).toEqual({
      workspace: "w",
      after: 4n,
      afterChain: chain,
      head: 9n,
      headChain: chain,
      time: new Date(1_700_000_000_000),
    });
    expect(await collect(backup)).toHaveLength(3);
    expect(() => backup[Symbol.asyncIterator]()).toThrow("can be iterated once");
  });

  it("asks for what its options say", async () => {
    const asked: BackupRequest[] = [];
    await using client = clientOf({
      backup: async function* (request) {
        asked.push(request);
        yield* [header, end];
      },
    });
    await collect(client.backup());
    await collect(client.backup({ workspace: "w", after: 4, afterChain: chain }));
    expect(asked).toMatchObject([
      { workspace: "default", afterPosition: 0n, afterChain: new Uint8Array() },
      { workspace: "w", afterPosition: 4n, afterChain: chain },
    ]);
  });

  it("takes no wrong options", async () => {
    await using client = answering();
    expect(() => client.backup({ workspace: "" })).toThrow(TypeError);
    expect(() => client.backup({ after: -1 })).toThrow(RangeError);
    expect(() => client.backup({ afterChain: chain.subarray(1) })).toThrow(RangeError);
  });

  it("ends at once if it is left while nothing comes", async () => {
    let left = false;
    await using client = clientOf({
      backup: async function* (_, { signal }) {
        const over = new Promise((resolve) => signal.addEventListener("abort", resolve));
        void over.then(() => {
          left = true;
        });
        yield header;
        await over;
      },
    });
    const iterator = client.backup()[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await vi.waitUntil(() => left);
  });

  it("that ends before its end is an error", async () => {
    await using client = answering(header, blocks);
    const failure = await rejectionOf(collect(client.backup()));
    expect(failure).toMatchObject({ reason: "UNKNOWN", message: expect.stringContaining("whole") });
  });

  it("that does not begin with a header is an error", async () => {
    await using client = answering(blocks, end);
    expect(await rejectionOf(collect(client.backup()))).toMatchObject({ code: "INTERNAL" });
  });

  it("is refused with the server's reason", async () => {
    await using client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before its first frame.
      backup: async function* () {
        throw statusError(Code.FailedPrecondition, "LOG_MISMATCH", "another log", {
          position: "4",
        });
      },
    });
    const backup = client.backup();
    const failure = {
      code: "FAILED_PRECONDITION",
      reason: "LOG_MISMATCH",
      metadata: { position: "4" },
    };
    expect(await rejectionOf(backup.header)).toMatchObject(failure);
    expect(await rejectionOf(collect(backup))).toMatchObject(failure);
  });

  it("is tried again until it has begun, and not after that", async () => {
    let calls = 0;
    await using client = clientOf({
      backup: async function* () {
        calls++;
        if (calls < 3) throw unavailable();
        yield header;
        throw unavailable();
      },
    });
    const failure = await rejectionOf(collect(client.backup()));
    expect(failure).toMatchObject({ reason: "UNREACHABLE" });
    expect(calls).toBe(3);
  });

  it("ends when its signal aborts, and when the client is closed", async () => {
    const endless = clientOf({
      backup: async function* (_, { signal }) {
        yield header;
        await untilCancelled(signal);
      },
    });
    const controller = new AbortController();
    const aborted = rejectionOf(collect(endless.backup({ signal: controller.signal })));
    const closed = endless.backup();
    await closed.header;
    controller.abort(new Error("enough"));
    expect(await aborted).toMatchObject({ message: "enough" });
    const rejection = rejectionOf(collect(closed));
    await endless.close();
    expect(await rejection).toMatchObject({ reason: "CANCELLED" });
  });
});
