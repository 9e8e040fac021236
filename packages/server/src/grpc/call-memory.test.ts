import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallMemory } from "./call-memory.js";
import { CallShare } from "./call-share.js";

const MIB = 1024 * 1024;
const STALL_MS = 1000;

/** Memory of 64 MiB, where frames may have 1 MiB and so take 3; it notes what is cut off. */
class World {
  readonly cut: string[] = [];
  readonly memory = new CallMemory({ bytesMax: 64 * MIB, frameBytesMax: MIB, stallMs: STALL_MS });

  call(connection: object, name = ""): CallShare {
    const share = this.memory.open(connection, (what) => {
      this.cut.push(`${name} ${what}`.trim());
      share?.close();
    });
    return share ?? expect.unreachable("there is room for the call");
  }
}

/** Whether a promise has been resolved by now, and to what. */
async function now<T>(promise: Promise<T>): Promise<T | "waits"> {
  const turn = new Promise<"waits">((resolve) => {
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => resolve("waits"))));
  });
  return Promise.race([promise, turn]);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the memory of calls", () => {
  it("lets one connection hold no more than what it leaves free", () => {
    const world = new World();
    const [greedy, other] = [world.call({}), world.call({})];
    for (let mib = 0; mib < 31; mib++) expect(greedy.receive(MIB)).toBe(true);
    expect(greedy.receive(2 * MIB)).toBe(false);
    expect(other.receive(10 * MIB)).toBe(true);
  });

  it("is free again when a call is over", () => {
    const world = new World();
    const connection = {};
    const call = world.call(connection);
    expect(call.receive(20 * MIB)).toBe(true);
    call.sending(MIB);
    call.close();
    call.close();
    expect(world.memory.held).toBe(0);
    expect(call.receive(1)).toBe(false);
    call.sent(MIB);
    expect(world.memory.held).toBe(0);
  });

  it("refuses calls when there is no room for them, whatever they do", () => {
    const world = new World();
    const connection = {};
    let calls = 0;
    while (world.memory.open(connection, () => {})) calls++;
    expect(calls).toBeGreaterThan(500);
    expect(calls).toBeLessThan(2000);
    expect(world.memory.open({}, () => {})).toBeDefined();
  });

  it("lets a frame wait until there is room for it", async () => {
    const world = new World();
    const connection = {};
    const full = world.call(connection);
    full.receive(31 * MIB);
    const waiting = world.call(connection);
    const taken = waiting.take();
    expect(await now(taken)).toBe("waits");
    full.consumed(10 * MIB);
    expect(await now(taken)).toBe(true);
  });

  it("counts a frame that is prepared by what it takes in fact", async () => {
    const world = new World();
    const calls = Array.from({ length: 50 }, () => world.call({}));
    for (const call of calls) {
      // Together they would take far more, if each took as much as it may.
      expect(await now(call.take())).toBe(true);
      call.fill(1000);
      call.sending(1000);
    }
    for (const call of calls) {
      call.sent(1000);
      call.close();
    }
    expect(world.memory.held).toBe(0);
  });

  it("serves connections in turn", async () => {
    const world = new World();
    const [full] = [31, 16, 8, 4, 2].map((mib) => {
      const call = world.call({});
      call.receive(mib * MIB);
      return call;
    });
    const [a, b] = [{}, {}];
    const order: string[] = [];
    const waiting = ["a1", "a2", "b1"].map((name) => {
      const call = world.call(name.startsWith("a") ? a : b);
      return call.take().then(() => order.push(name));
    });
    await now(Promise.all(waiting));
    expect(order).toEqual([]);
    full?.close();
    await Promise.all(waiting);
    expect(order).toEqual(["a1", "b1", "a2"]);
  });

  it("resolves to false what waits in a call that is over", async () => {
    const world = new World();
    const connection = {};
    world.call(connection).receive(31 * MIB);
    const call = world.call(connection);
    const taken = call.take();
    call.close();
    expect(await now(taken)).toBe(false);
    expect(await now(call.take())).toBe(false);
  });
});

describe("a call that makes no progress", () => {
  /** On a connection that is full, so that another call waits. */
  function crowded(world: World, connection: object): CallShare {
    const stalled = world.call(connection, "stalled");
    stalled.receive(31 * MIB);
    void world.call(connection, "waiting").take();
    return stalled;
  }

  it("is cut off, with its connection if nothing moves there, when others wait", async () => {
    const world = new World();
    crowded(world, {});
    await vi.advanceTimersByTimeAsync(STALL_MS / 2);
    expect(world.cut).toEqual([]);
    await vi.advanceTimersByTimeAsync(STALL_MS);
    expect(world.cut).toEqual(["stalled connection"]);
  });

  it("is cut off alone if others of its connection go on", async () => {
    const world = new World();
    const connection = {};
    crowded(world, connection);
    const moving = world.call(connection, "moving");
    for (let i = 0; i < 20; i++) {
      moving.sending(10);
      await vi.advanceTimersByTimeAsync(STALL_MS / 10);
      moving.sent(10);
    }
    expect(world.cut).toEqual(["stalled call"]);
  });

  it("stays as long as nobody needs the room", async () => {
    const world = new World();
    world.call({}, "stalled").sending(5 * MIB);
    await vi.advanceTimersByTimeAsync(100 * STALL_MS);
    expect(world.cut).toEqual([]);
  });

  it("is not taken for stalled while it is the server that it waits for", async () => {
    const world = new World();
    const connection = {};
    crowded(world, connection).answering();
    await vi.advanceTimersByTimeAsync(10 * STALL_MS);
    expect(world.cut).toEqual([]);
  });

  it("is cut off when its outcomes find no room", () => {
    const world = new World();
    const call = world.call({}, "unread");
    while (call.hold(MIB));
    expect(world.cut).toEqual(["unread call"]);
    expect(world.memory.held).toBe(0);
    expect(call).toBeInstanceOf(CallShare);
  });
});
