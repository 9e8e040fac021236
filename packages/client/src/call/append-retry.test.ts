import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { UnreachableError, VarveError } from "../errors.js";
import {
  clientOf,
  deferred,
  FakeLog,
  failure,
  refused,
  rejectionOf,
  statusError,
  unavailable,
  untilCancelled,
} from "../test-support/service.js";

const placed = { type: "order.Placed", data: { total: 3 } };

describe("append pipeline: broken calls", () => {
  it("sends an append whose reply was lost again, with the same id, and stores it once", async () => {
    const log = new FakeLog();
    let calls = 0;
    const client = clientOf({
      async *appendStream(frames) {
        calls += 1;
        for await (const frame of frames) {
          const outcomes = log.store(frame);
          if (calls === 1) throw unavailable();
          yield { outcomes };
        }
      },
    });
    const result = await client.append("order-1", placed);
    expect(result).toMatchObject({ firstPosition: 1n, repeat: true });
    expect(log.head).toBe(1n);
    expect(new Set(log.appends.map(({ append }) => append?.appendId)).size).toBe(1);
    await client.close();
  });

  // One append that something on the way did not let through failed all that were sent with it.
  it.each([0, 3])(
    "lets an append that breaks every call take none of %d before it, and none after",
    async (count) => {
      const log = new FakeLog();
      await using client = clientOf({
        async *appendStream(frames) {
          for await (const frame of frames) {
            const large = frame.appends.some(({ append }) => (append?.events.length ?? 0) > 1);
            if (large) throw unavailable();
            yield { outcomes: log.store(frame) };
          }
        },
      });
      const event = { type: "T", data: new Uint8Array(600_000) };
      const small = (n: number) => client.append(`order-${n}`, placed);
      const before = Array.from({ length: count }, (_, n) => small(n));
      const large = client.append("file-1", [event, event]);
      const after = [4, 5, 6].map(small);
      expect(await rejectionOf(large)).toBeInstanceOf(UnreachableError);
      await Promise.all([...before, ...after]);
      expect(log.head).toBe(BigInt(count + 3));
    },
  );

  it("sends only what was not answered again, in the order of issue", async () => {
    const log = new FakeLog();
    let calls = 0;
    const client = clientOf({
      async *appendStream(frames) {
        calls += 1;
        for await (const frame of frames) {
          const outcomes = log.store(frame);
          if (calls > 1) yield { outcomes };
          else {
            yield { outcomes: outcomes.slice(0, 2) };
            throw unavailable();
          }
        }
      },
    });
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => client.append(name, placed)));
    const sent = log.frames.map((f) => f.appends.map(({ append }) => append?.events[0]?.stream));
    expect(sent).toEqual([names, ["c", "d"]]);
    expect(log.head).toBe(4n);
    await client.close();
  });

  it("takes a call that the server ends as broken", async () => {
    const log = new FakeLog();
    let calls = 0;
    const client = clientOf({
      async *appendStream(frames, context) {
        calls += 1;
        if (calls > 1) yield* log.appendStream(frames, context);
      },
    });
    await expect(client.append("order-1", placed)).resolves.toMatchObject({ repeat: false });
    await client.close();
  });

  it("rejects with UnreachableError when the tries are used up", async () => {
    let calls = 0;
    const client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *appendStream() {
        calls += 1;
        throw unavailable();
      },
    });
    const error = await rejectionOf(client.append("order-1", placed));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "UNREACHABLE" });
    expect(calls).toBe(4);
    await client.close();
  });

  it("works again after the server came back", async () => {
    const log = new FakeLog();
    let down = true;
    const client = clientOf({
      async *appendStream(frames, context) {
        if (down) throw unavailable();
        yield* log.appendStream(frames, context);
      },
    });
    await expect(client.append("order-1", placed)).rejects.toThrow(UnreachableError);
    down = false;
    await expect(client.append("order-1", placed)).resolves.toMatchObject({ firstPosition: 1n });
    await client.close();
  });

  it("reports the server's own reason when the tries are used up", async () => {
    const client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *appendStream() {
        throw statusError(Code.Unavailable, "SERVER_STOPPING", "stopping");
      },
    });
    const error = await rejectionOf(client.append("order-1", placed));
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "SERVER_STOPPING" });
    await client.close();
  });

  it.each([
    [Code.ResourceExhausted, "OVERLOADED"],
    [Code.Unavailable, "APPEND_OUTCOME_UNKNOWN"],
  ])("sends an append that met %s %s again with the same id", async (code, reason) => {
    const log = new FakeLog();
    let refusals = 2;
    const client = clientOf({
      async *appendStream(frames) {
        for await (const frame of frames) {
          const outcomes = log.store(frame);
          yield {
            outcomes:
              refusals-- > 0
                ? frame.appends.map((append) => refused(append, failure(code, reason, "later")))
                : outcomes,
          };
        }
      },
    });
    await expect(client.append("order-1", placed)).resolves.toMatchObject({ firstPosition: 1n });
    expect(log.frames).toHaveLength(3);
    expect(log.head).toBe(1n);
    await client.close();
  });

  it("rejects an append that stays overloaded", async () => {
    const client = clientOf({
      async *appendStream(frames) {
        for await (const { appends } of frames) {
          const overloaded = failure(Code.ResourceExhausted, "OVERLOADED", "too much");
          yield { outcomes: appends.map((append) => refused(append, overloaded)) };
        }
      },
    });
    const error = await rejectionOf(client.append("order-1", placed));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "OVERLOADED" });
    await client.close();
  });

  it("does not let others suffer for an append that the server will not even read", async () => {
    const log = new FakeLog();
    const client = clientOf({
      async *appendStream(frames) {
        for await (const frame of frames) {
          if (frame.appends.some(({ append }) => append?.events[0]?.event?.type === "Huge")) {
            throw new ConnectError("message too large", Code.ResourceExhausted);
          }
          yield { outcomes: log.store(frame) };
        }
      },
    });
    const [before, huge, after] = await Promise.allSettled([
      client.append("order-1", placed),
      client.append("order-2", { type: "Huge" }),
      client.append("order-3", placed),
    ]);
    expect([before.status, huge.status, after.status]).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(huge).toMatchObject({ reason: { code: "RESOURCE_EXHAUSTED", reason: "UNKNOWN" } });
    await client.close();
  });

  it("rejects everything at once when the caller is not let in", async () => {
    let calls = 0;
    const client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *appendStream() {
        calls += 1;
        throw new ConnectError("who are you?", Code.Unauthenticated);
      },
    });
    const settled = await Promise.allSettled([1, 2, 3].map(() => client.append("order-1", placed)));
    for (const outcome of settled) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "UNAUTHENTICATED" } });
    }
    expect(calls).toBe(1);
    await client.close();
  });
});

describe("append pipeline: cancelling", () => {
  it("stops waiting for an aborted append only", async () => {
    const log = new FakeLog();
    const arrived = deferred();
    const go = deferred();
    const client = clientOf({
      async *appendStream(frames) {
        for await (const frame of frames) {
          arrived.resolve();
          await go.promise;
          yield { outcomes: log.store(frame) };
        }
      },
    });
    const controller = new AbortController();
    const aborted = rejectionOf(client.append("a", placed, { signal: controller.signal }));
    const other = client.append("b", placed);
    await arrived.promise;
    const why = new Error("enough");
    controller.abort(why);
    expect(await aborted).toBe(why);
    go.resolve();
    await expect(other).resolves.toMatchObject({ firstPosition: 2n });
    await client.close();
  });

  it("does not send an append that was aborted before its turn", async () => {
    const log = new FakeLog();
    const client = clientOf(log);
    const controller = new AbortController();
    const aborted = rejectionOf(client.append("a", placed, { signal: controller.signal }));
    const other = client.append("b", placed);
    controller.abort("enough");
    expect(await aborted).toBe("enough");
    await other;
    expect(log.appends.map(({ append }) => append?.events[0]?.stream)).toEqual(["b"]);
    await client.close();
  });

  it("rejects at once if the signal was aborted before", async () => {
    const log = new FakeLog();
    const client = clientOf(log);
    const signal = AbortSignal.abort("never");
    expect(await rejectionOf(client.append("a", placed, { signal }))).toBe("never");
    expect(log.frames).toHaveLength(0);
    await client.close();
  });

  it("stops sending an aborted append again", async () => {
    let calls = 0;
    const controller = new AbortController();
    const client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *appendStream() {
        calls += 1;
        if (calls === 2) controller.abort("enough");
        throw unavailable();
      },
    });
    const signal = controller.signal;
    expect(await rejectionOf(client.append("a", placed, { signal }))).toBe("enough");
    await client.close();
    expect(calls).toBe(2);
  });

  it("rejects what is unanswered when the client is closed, and what comes after", async () => {
    const arrived = deferred();
    const client = clientOf({
      async *appendStream(frames, context) {
        for await (const _ of frames) {
          arrived.resolve();
          await untilCancelled(context.signal);
        }
        yield { outcomes: [] };
      },
    });
    const unanswered = rejectionOf(client.append("a", placed));
    await arrived.promise;
    await client.close();
    expect(await unanswered).toMatchObject({ code: "CANCELLED", reason: "CANCELLED" });
    const late = await rejectionOf(client.append("a", placed));
    expect(late).toMatchObject({ code: "CANCELLED", message: "The client is closed" });
  });
});
