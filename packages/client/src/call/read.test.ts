import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { Direction, type ReadRequest } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { UnreachableError } from "../errors.js";
import {
  clientOf,
  collect,
  deferred,
  recordedRange,
  rejectionOf,
  type Service,
  statusError,
  unavailable,
  untilCancelled,
  utf8,
} from "../test-support/service.js";

/** A stream of five events, in two frames. */
const fiveEvents: Service["read"] = async function* () {
  yield { frame: { case: "header", value: { exists: true, lastRevision: 4n, head: 7n } } };
  yield { frame: { case: "events", value: { events: recordedRange(1, 3) } } };
  yield { frame: { case: "events", value: { events: recordedRange(4, 5) } } };
};

describe("read", () => {
  it("yields the events of all frames one by one", async () => {
    await using client = clientOf({ read: fiveEvents });
    const events = await client.read("order-1").toArray();
    expect(events.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(events[0]).toMatchObject({ revision: 0n, stream: "order-1", data: { n: 1 } });
  });

  it("answers with the header before the events, from the same call", async () => {
    let calls = 0;
    await using client = clientOf({
      read(request, context) {
        calls += 1;
        return fiveEvents(request, context);
      },
    });
    const read = client.read("order-1");
    expect(await read.header).toEqual({ exists: true, lastRevision: 4n, expect: 4n, head: 7n });
    expect(await collect(read)).toHaveLength(5);
    expect(await read.header).toMatchObject({ head: 7n });
    expect(calls).toBe(1);
  });

  it("answers that a stream does not exist", async () => {
    await using client = clientOf({
      async *read() {
        yield { frame: { case: "header", value: { exists: false, head: 7n } } };
      },
    });
    const read = client.read("order-1");
    expect(await read.header).toEqual({ exists: false, expect: "no-stream", head: 7n });
    expect(await read.toArray()).toEqual([]);
  });

  it("makes no call until it is asked", async () => {
    let calls = 0;
    await using client = clientOf({
      read(request, context) {
        calls += 1;
        return fiveEvents(request, context);
      },
    });
    client.read("order-1");
    await client.getStream("order-1").catch(() => undefined);
    expect(calls).toBe(0);
  });

  it("can be iterated once", async () => {
    await using client = clientOf({ read: fiveEvents });
    const read = client.read("order-1");
    await read.toArray();
    await expect(read.toArray()).rejects.toThrow(TypeError);
  });

  it("sends what it is told", async () => {
    let sent: ReadRequest | undefined;
    await using client = clientOf({
      read(request, context) {
        sent = request;
        return fiveEvents(request, context);
      },
    });
    const asOf = new Date(1_700_000_000_000);
    const filter = { types: ["order.*"] };
    const range = { from: 1, to: 3n, limit: 2, backwards: true };
    await client
      .workspace("billing")
      .read("order-1", { ...range, filter, asOf })
      .toArray();
    expect(sent).toMatchObject({
      workspace: "billing",
      stream: "order-1",
      direction: Direction.BACKWARDS,
      fromRevision: 1n,
      toRevision: 3n,
      limit: 2n,
      filter: { anyOf: [{ types: ["order.*"] }] },
      asOf: { seconds: 1_700_000_000n },
    });
    await client.read("order-1").toArray();
    expect(sent?.fromRevision).toBeUndefined();
    expect(sent?.limit).toBeUndefined();
    expect(sent?.filter).toBeUndefined();
  });

  it.each([
    ["a negative revision", { from: -1 }, RangeError],
    ["half a revision", { to: 1.5 }, RangeError],
    ["a limit of nothing", { limit: 0 }, RangeError],
    ["a date that is none", { asOf: new Date(Number.NaN) }, RangeError],
    ["a date before the year 1", { asOf: new Date("-000001-12-31T23:59:59Z") }, RangeError],
    ["a date after the year 9999", { asOf: new Date("+010000-01-01T00:00:00Z") }, RangeError],
    ["a date in text", { asOf: "2026-01-02" as unknown as Date }, TypeError],
    ["a snapshot together with from", { snapshot: "s/1", from: 3 }, TypeError],
  ])("refuses %s at once", async (_, options, error) => {
    await using client = clientOf({});
    expect(() => client.read("order-1", options)).toThrow(error);
  });
});

describe("read: snapshots", () => {
  const snapshot = {
    stream: "order-1",
    revision: 2n,
    schemaType: "order-state/1",
    data: utf8('{"total":3}'),
    savedAt: timestampFromMs(1_700_000_000_000),
  };

  it("puts the snapshot into the header, and yields what follows it", async () => {
    await using client = clientOf({
      async *read({ useSnapshot }) {
        expect(useSnapshot?.schemaType).toBe("order-state/1");
        yield { frame: { case: "header", value: { exists: true, lastRevision: 4n, head: 7n } } };
        yield { frame: { case: "snapshot", value: snapshot } };
        yield { frame: { case: "events", value: { events: recordedRange(4, 5) } } };
      },
    });
    const read = client.read("order-1", { snapshot: "order-state/1" });
    const header = await read.header;
    expect(header.snapshot).toMatchObject({ revision: 2n, data: { total: 3 } });
    expect(await read.toArray()).toHaveLength(2);
  });

  it("yields all events if there is no snapshot", async () => {
    await using client = clientOf({ read: fiveEvents });
    const read = client.read("order-1", { snapshot: "order-state/1" });
    expect(await read.header).toEqual({ exists: true, lastRevision: 4n, expect: 4n, head: 7n });
    expect(await read.toArray()).toHaveLength(5);
  });

  it("answers for a stream with neither snapshot nor events", async () => {
    await using client = clientOf({
      async *read() {
        yield { frame: { case: "header", value: { exists: false, head: 0n } } };
      },
    });
    const read = client.read("order-1", { snapshot: "order-state/1" });
    expect(await read.header).toEqual({ exists: false, expect: "no-stream", head: 0n });
    expect(await read.toArray()).toEqual([]);
  });
});

describe("read: failures", () => {
  it("tries again as long as nothing was answered", async () => {
    let calls = 0;
    await using client = clientOf({
      async *read(request, context) {
        calls += 1;
        if (calls < 3) throw unavailable();
        yield* fiveEvents(request, context);
      },
    });
    expect(await client.read("order-1").toArray()).toHaveLength(5);
    expect(calls).toBe(3);
  });

  it("does not try again after the answer began", async () => {
    let calls = 0;
    await using client = clientOf({
      async *read() {
        calls += 1;
        yield { frame: { case: "header", value: { exists: true, lastRevision: 4n, head: 7n } } };
        yield { frame: { case: "events", value: { events: recordedRange(1, 3) } } };
        throw unavailable();
      },
    });
    const events = collect(client.read("order-1"));
    expect(await rejectionOf(events)).toBeInstanceOf(UnreachableError);
    expect(calls).toBe(1);
  });

  it("rejects header and events alike", async () => {
    await using client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *read() {
        throw statusError(Code.NotFound, "WORKSPACE_NOT_FOUND", "no such workspace");
      },
    });
    const read = client.read("order-1");
    expect(await rejectionOf(read.header)).toMatchObject({ reason: "WORKSPACE_NOT_FOUND" });
    expect(await rejectionOf(read.toArray())).toMatchObject({ reason: "WORKSPACE_NOT_FOUND" });
  });

  it("leaves no unhandled rejection behind if only one of the two is looked at", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): number => unhandled.push(reason);
    process.on("unhandledRejection", note);
    await using client = clientOf({
      // biome-ignore lint/correctness/useYield: it fails before it answers
      async *read() {
        throw statusError(Code.NotFound, "WORKSPACE_NOT_FOUND");
      },
    });
    const read = client.read("order-1");
    void read.header;
    await rejectionOf(read.toArray());
    await rejectionOf(client.read("order-1").header);
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("rejects an answer without a header", async () => {
    const ended = deferred();
    await using client = clientOf({
      async *read(_, context) {
        context.signal.addEventListener("abort", ended.resolve);
        yield { frame: { case: "events", value: { events: recordedRange(1, 1) } } };
        yield { frame: { case: "events", value: { events: recordedRange(2, 2) } } };
      },
    });
    const error = await rejectionOf(client.read("order-1").toArray());
    expect(error).toMatchObject({ code: "INTERNAL", reason: "UNKNOWN" });
    await ended.promise;
  });
});

describe("read: cancelling", () => {
  it("ends the call when the loop is left early", async () => {
    const ended = deferred();
    await using client = clientOf({
      async *read(request, context) {
        context.signal.addEventListener("abort", ended.resolve);
        yield* fiveEvents(request, context);
      },
    });
    expect(await collect(client.read("order-1"), 2)).toHaveLength(2);
    await ended.promise;
  });

  it("rejects with the signal's reason, also in the middle of a frame", async () => {
    await using client = clientOf({ read: fiveEvents });
    const controller = new AbortController();
    const why = new Error("enough");
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const { position } of client.read("order-1", { signal: controller.signal })) {
        seen.push(position);
        controller.abort(why);
      }
    })();
    expect(await rejectionOf(reading)).toBe(why);
    expect(seen).toEqual([1n]);
  });

  it("rejects with the signal's reason while it waits", async () => {
    const controller = new AbortController();
    await using client = clientOf({
      async *read(_, context) {
        yield { frame: { case: "header", value: { exists: true, lastRevision: 4n, head: 7n } } };
        setTimeout(() => controller.abort("enough"), 1);
        await untilCancelled(context.signal);
      },
    });
    const read = client.read("order-1", { signal: controller.signal });
    expect(await rejectionOf(read.toArray())).toBe("enough");
  });

  it("rejects with the signal's reason while it waits to try again", async () => {
    const controller = new AbortController();
    await using client = clientOf(
      {
        async *read() {
          setTimeout(() => controller.abort("enough"), 1);
          throw unavailable();
        },
      },
      { retry: { attempts: 3, baseDelayMs: 1_000_000, maxDelayMs: 1_000_000 } },
    );
    const read = client.read("order-1", { signal: controller.signal });
    expect(await rejectionOf(read.header)).toBe("enough");
  });

  it("rejects when the client is closed", async () => {
    const client = clientOf({
      async *read(_, context) {
        yield { frame: { case: "header", value: { exists: true, lastRevision: 4n, head: 7n } } };
        await untilCancelled(context.signal);
      },
    });
    const read = client.read("order-1");
    await read.header;
    const events = rejectionOf(read.toArray());
    await client.close();
    expect(await events).toMatchObject({ code: "CANCELLED", reason: "CANCELLED" });
  });
});
