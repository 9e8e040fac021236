import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { ConditionFailureSchema, StreamState } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { ConditionFailedError } from "../errors.js";
import { clientOf, deferred, FakeLog, failure, refused, stored } from "../test-support/service.js";

const placed = { type: "order.Placed", data: { total: 3 } };

describe("append pipeline: coalescing", () => {
  it("sends appends of one turn in one frame, in their order", async () => {
    const log = new FakeLog();
    const client = clientOf(log);
    const names = Array.from({ length: 100 }, (_, i) => `order-${i}`);
    const results = await Promise.all(names.map((name) => client.append(name, placed)));
    expect(log.frames.length).toBeLessThanOrEqual(2);
    expect(log.appends.map(({ append }) => append?.events[0]?.stream)).toEqual(names);
    expect(results.map((result) => result.firstPosition)).toEqual(
      names.map((_, i) => BigInt(i + 1)),
    );
    await client.close();
  });

  it("coalesces callers that each append one after the other", async () => {
    const log = new FakeLog();
    const client = clientOf(log);
    const caller = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await client.append("order-1", placed);
    };
    await Promise.all(Array.from({ length: 50 }, caller));
    expect(log.appends).toHaveLength(500);
    expect(log.frames.length).toBeLessThan(100);
    await client.close();
  });

  it("carries the appends of all workspaces on one call", async () => {
    const log = new FakeLog();
    let calls = 0;
    const client = clientOf({
      appendStream(frames, context) {
        calls += 1;
        return log.appendStream(frames, context);
      },
    });
    await Promise.all([
      client.append("order-1", placed),
      client.workspace("billing").append("order-1", placed),
    ]);
    expect(log.appends.map(({ append }) => append?.workspace)).toEqual(["default", "billing"]);
    expect(calls).toBe(1);
    await client.close();
  });

  it("fills a frame up to the number of appends", async () => {
    const log = new FakeLog();
    const client = clientOf(log, { pipeline: { maxFrameAppends: 10 } });
    await Promise.all(Array.from({ length: 25 }, () => client.append("order-1", placed)));
    expect(log.frames.map(({ appends }) => appends.length)).toEqual([10, 10, 5]);
    await client.close();
  });

  it("fills a frame up to the number of bytes, and sends a larger append alone", async () => {
    const log = new FakeLog();
    const client = clientOf(log, { pipeline: { maxFrameBytes: 10_000 } });
    const sizes = [4_000, 4_000, 4_000, 50_000, 100];
    await Promise.all(
      sizes.map((size) => client.append("file-1", { type: "T", data: new Uint8Array(size) })),
    );
    expect(log.frames.map(({ appends }) => appends.length)).toEqual([2, 1, 1, 1]);
    await client.close();
  });
});

describe("append pipeline: limits", () => {
  it("holds back what exceeds the number of unanswered appends", async () => {
    const log = new FakeLog();
    let most = 0;
    const client = clientOf(
      {
        async *appendStream(frames) {
          let unanswered: ReturnType<FakeLog["store"]> = [];
          for await (const frame of frames) {
            unanswered = [...unanswered, ...log.store(frame)];
            most = Math.max(most, unanswered.length);
            if (unanswered.length < 8) continue;
            yield { outcomes: unanswered };
            unanswered = [];
          }
        },
      },
      { pipeline: { maxInFlightAppends: 8, maxFrameAppends: 3 } },
    );
    await Promise.all(Array.from({ length: 32 }, () => client.append("order-1", placed)));
    expect(most).toBe(8);
    await client.close();
  });

  it("holds back what exceeds the number of unanswered bytes", async () => {
    const log = new FakeLog();
    const client = clientOf(log, { pipeline: { maxInFlightBytes: 10_000 } });
    const data = new Uint8Array(6_000);
    await Promise.all([1, 2, 3].map(() => client.append("file-1", { type: "T", data })));
    expect(log.frames.map(({ appends }) => appends.length)).toEqual([1, 1, 1]);
    await client.close();
  });
});

describe("append pipeline: outcomes", () => {
  it("matches outcomes that come in another order", async () => {
    const client = clientOf({
      async *appendStream(frames) {
        for await (const { appends } of frames) {
          yield { outcomes: appends.map((a, i) => stored(a, BigInt(i + 1))).reverse() };
        }
      },
    });
    const results = await Promise.all([1, 2, 3].map((i) => client.append(`order-${i}`, placed)));
    expect(results.map(({ firstPosition }) => firstPosition)).toEqual([1n, 2n, 3n]);
    expect(results[1]?.streams[0]?.stream).toBe("order-2");
    await client.close();
  });

  it("rejects a conflict alone, and says what was expected and found", async () => {
    const conflict = create(ConditionFailureSchema, {
      head: 9n,
      violations: [
        {
          condition: 0,
          found: {
            case: "stream",
            value: {
              stream: "order-1",
              actualRevision: 5n,
              expected: { stream: "order-1", expected: { case: "revision", value: 3n } },
            },
          },
        },
      ],
    });
    const detail = { desc: ConditionFailureSchema, value: conflict };
    const client = clientOf({
      async *appendStream(frames) {
        for await (const { appends } of frames) {
          yield {
            outcomes: appends.map((append, i) =>
              append.append?.conditions.length
                ? refused(append, failure(Code.Aborted, "CONDITION_FAILED", "no", detail))
                : stored(append, BigInt(i + 1)),
            ),
          };
        }
      },
    });
    const [first, second] = await Promise.allSettled([
      client.append("order-1", placed, { expect: 3 }),
      client.append("order-2", placed),
    ]);
    expect(second.status).toBe("fulfilled");
    const error = first.status === "rejected" ? first.reason : undefined;
    expect(error).toBeInstanceOf(ConditionFailedError);
    expect(error).toMatchObject({
      code: "ABORTED",
      reason: "CONDITION_FAILED",
      head: 9n,
      violations: [{ kind: "stream", condition: 0, stream: "order-1", expected: 3n, actual: 5n }],
    });
    expect(error.message).toContain('expected stream "order-1" to be at revision 3');
    expect(error.message).toContain("it is at revision 5");
    await client.close();
  });

  it("sends the conditions with expect first", async () => {
    const log = new FakeLog();
    const client = clientOf(log);
    await client.append("order-1", placed, {
      expect: "no-stream",
      conditions: [{ noEventMatches: { tags: ["customer:1"] }, after: 4n }],
    });
    const [first, second] = log.appends[0]?.append?.conditions ?? [];
    expect(first?.kind).toMatchObject({
      case: "stream",
      value: { stream: "order-1", expected: { value: StreamState.NO_STREAM } },
    });
    expect(second?.kind).toMatchObject({ case: "query", value: { after: 4n } });
    await client.close();
  });
});

describe("append pipeline: idle calls", () => {
  it("ends an idle call, and opens another for the next append", async () => {
    const log = new FakeLog();
    let calls = 0;
    const ended = deferred();
    const client = clientOf(
      {
        async *appendStream(frames, context) {
          calls += 1;
          yield* log.appendStream(frames, context);
          ended.resolve();
        },
      },
      { pipeline: { idleTimeoutMs: 1 } },
    );
    await client.append("a", placed);
    await ended.promise;
    await client.append("a", placed);
    expect(calls).toBe(2);
    await client.close();
  });
});
