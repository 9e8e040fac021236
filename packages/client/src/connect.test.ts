import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connect } from "./connect.js";
import { UnreachableError } from "./errors.js";
import { TestServer } from "./test-support/http2-server.js";
import {
  collect,
  deferred,
  FakeLog,
  QUICK,
  recordedRange,
  rejectionOf,
  type Service,
  statusError,
  untilCancelled,
} from "./test-support/service.js";

const placed = { type: "order.Placed", data: { total: 3 } };
const options = { retry: QUICK };

// The servers log every call whose client went away.
beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe("connect: addresses", () => {
  it.each(["local host", "https://localhost:1", "ftp://localhost:1", "", ":", "host:port"])(
    "refuses %j",
    (address) => {
      expect(() => connect(address)).toThrow(TypeError);
    },
  );

  it.each(["localhost", "127.0.0.1:1", "[::1]:1", "http://localhost:1", "http://varve.example"])(
    "takes %j, and does not connect yet",
    async (address) => {
      await connect(address).close();
    },
  );

  it("refuses wrong options", () => {
    expect(() => connect("localhost:1", { connectTimeoutMs: 0 })).toThrow(RangeError);
    expect(() => connect("localhost:1", { pingIntervalMs: -1 })).toThrow(RangeError);
    expect(() => connect("localhost:1", { receiveWindowBytes: 1 })).toThrow(RangeError);
    expect(() => connect("localhost:1", { timeoutMs: 0 })).toThrow(RangeError);
    const tooMuch = { pipeline: { maxFrameBytes: 5 * 2 ** 20 } };
    expect(() => connect("localhost:1", tooMuch)).toThrow(RangeError);
    expect(() => connect("localhost:1", { retry: { attempts: 0 } })).toThrow(RangeError);
  });

  it("rejects with UnreachableError if nobody listens", async () => {
    const server = await TestServer.start({});
    await server[Symbol.asyncDispose]();
    await using client = connect(server.address, options);
    const errors = await Promise.all([
      rejectionOf(client.append("order-1", placed)),
      rejectionOf(client.status()),
      rejectionOf(client.read("order-1").toArray()),
      rejectionOf(collect(client.subscribe())),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(UnreachableError);
      expect(String(error)).toContain("ECONNREFUSED");
    }
  });
});

describe("connect: over HTTP/2", () => {
  it("appends over one connection and few frames", async () => {
    const log = new FakeLog();
    await using server = await TestServer.start(log);
    await using client = connect(server.address, options);
    const results = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => client.append(`order-${i}`, placed)),
    );
    expect(results.at(-1)?.lastPosition).toBe(1_000n);
    expect(log.frames.length).toBeLessThan(20);
    expect(server.connections).toBe(1);
  });

  it("reads error details out of the trailers", async () => {
    const service: Service = {
      getStatus() {
        throw statusError(Code.NotFound, "WORKSPACE_NOT_FOUND", "no such", { workspace: "w" });
      },
    };
    await using server = await TestServer.start(service);
    await using client = connect(server.address, options);
    expect(await rejectionOf(client.status())).toMatchObject({
      name: "VarveError",
      code: "NOT_FOUND",
      reason: "WORKSPACE_NOT_FOUND",
      metadata: { workspace: "w" },
    });
  });

  it("leaves the server when a replay is left early", async () => {
    const left = deferred();
    await using server = await TestServer.start({
      async *replay(_, context) {
        yield { frame: { case: "header", value: { fromPosition: 1n, toPosition: 9n, head: 9n } } };
        yield { frame: { case: "events", value: { events: recordedRange(1, 3) } } };
        await untilCancelled(context.signal);
        left.resolve();
      },
    });
    await using client = connect(server.address, options);
    const events = await collect(client.replay(), 2);
    expect(events.map(({ position }) => position)).toEqual([1n, 2n]);
    await left.promise;
  });

  it("appends while a slow consumer holds up a replay", async () => {
    const log = new FakeLog();
    let batches = 0;
    await using server = await TestServer.start({
      appendStream: log.appendStream,
      async *replay() {
        yield { frame: { case: "header", value: { fromPosition: 1n, toPosition: 9n, head: 9n } } };
        for (; batches < 500; batches++) {
          yield { frame: { case: "events", value: { events: recordedRange(1, 1_000) } } };
        }
      },
    });
    await using client = connect(server.address, options);
    for await (const _ of client.replay()) {
      const data = new Uint8Array(100_000);
      for (let i = 0; i < 50; i++) await client.append("file-1", { type: "T", data });
      break;
    }
    expect(log.head).toBe(50n);
    // Backpressure: the server could not send all of it to somebody who does not read.
    expect(batches).toBeLessThan(500);
  });
});

describe("connect: a server that takes connections and says nothing", () => {
  it("is noticed by its missing answer to a ping", async () => {
    const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = connect(`127.0.0.1:${port}`, {
      retry: { ...QUICK, attempts: 2 },
      pingIntervalMs: 20,
      pingTimeoutMs: 20,
    });
    const errors = await Promise.all([
      rejectionOf(client.append("order-1", placed)),
      rejectionOf(client.status()),
    ]);
    // Closing in the moment of failure must not leave an error that nobody handles.
    await client.close();
    for (const error of errors) expect(error).toBeInstanceOf(UnreachableError);
    server.close();
    await once(server, "close");
  });
});

describe("connect: cut connections", () => {
  it("stores every append once, though the connection is cut again and again", async () => {
    const log = new FakeLog();
    let frames = 0;
    await using server = await TestServer.start({
      async *appendStream(input) {
        for await (const frame of input) {
          const outcomes = log.store(frame);
          frames += 1;
          if (frames % 7 === 3) server.cut();
          yield { outcomes };
        }
      },
    });
    await using client = connect(server.address, { retry: { ...QUICK, attempts: 50 } });
    const caller = async (): Promise<bigint[]> => {
      const positions: bigint[] = [];
      for (let i = 0; i < 20; i++) {
        positions.push((await client.append("order-1", placed)).firstPosition);
      }
      return positions;
    };
    const positions = (await Promise.all(Array.from({ length: 10 }, caller))).flat();
    expect(log.head).toBe(200n);
    expect(new Set(positions).size).toBe(200);
    expect(server.connections).toBeGreaterThan(1);
  });

  it("repeats a unary call whose connection was cut", async () => {
    let calls = 0;
    await using server = await TestServer.start({
      async getStream(_, context) {
        calls += 1;
        if (calls > 1) return { exists: false };
        server.cut();
        await untilCancelled(context.signal);
        return { exists: false };
      },
    });
    await using client = connect(server.address, options);
    expect(await client.getStream("order-1")).toBeUndefined();
    expect(calls).toBe(2);
  });

  it("rejects a read that is cut after it began", async () => {
    await using server = await TestServer.start({
      async *read(_, context) {
        yield { frame: { case: "header", value: { exists: true, lastRevision: 9n, head: 9n } } };
        yield { frame: { case: "events", value: { events: recordedRange(1, 2) } } };
        await untilCancelled(context.signal);
      },
    });
    await using client = connect(server.address, options);
    const positions: bigint[] = [];
    const reading = (async () => {
      for await (const { position } of client.read("order-1")) {
        positions.push(position);
        server.cut();
      }
    })();
    expect(await rejectionOf(reading)).toBeInstanceOf(UnreachableError);
    expect(positions).toEqual([1n, 2n]);
  });

  it("resumes a subscription without gap or repeat", async () => {
    await using server = await TestServer.start({
      async *subscribe({ start }, context) {
        const after = start.case === "after" ? Number(start.value) : 0;
        yield { frame: { case: "confirmed", value: { after: BigInt(after), head: 10n } } };
        const to = Math.min(after + 3, 10);
        yield { frame: { case: "events", value: { events: recordedRange(after + 1, to) } } };
        await untilCancelled(context.signal);
      },
    });
    await using client = connect(server.address, options);
    const positions: number[] = [];
    for await (const { position } of client.subscribe()) {
      positions.push(Number(position));
      if (position % 3n === 0n) server.cut();
      if (position === 10n) break;
    }
    expect(positions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(server.connections).toBe(4);
  });

  it("reconnects to a server that was restarted on the same port", async () => {
    const log = new FakeLog();
    const first = await TestServer.start(log);
    await using client = connect(first.address, { retry: { ...QUICK, attempts: 1_000 } });
    await client.append("order-1", placed);
    await first[Symbol.asyncDispose]();
    const pending = client.append("order-1", placed);
    await using _ = await TestServer.start(log, first.port);
    await expect(pending).resolves.toMatchObject({ firstPosition: 2n });
  });
});
