import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { all } from "./contract/check.js";
import { createTestStore, type TestStore } from "./test-store.js";

/** Whether a timer of 1 ms fires while a program does nothing but repeat a call. */
async function timerFiresDuring(call: () => Promise<unknown>): Promise<boolean> {
  let fired = false;
  const timer = setTimeout(() => {
    fired = true;
  }, 1);
  // Without a turn for timers this would go on for ever.
  for (let calls = 0; !fired && calls < 50_000; calls++) await call();
  clearTimeout(timer);
  return fired;
}

async function fill(store: TestStore): Promise<void> {
  await store.append("s-1", [{ type: "A" }, { type: "B" }]);
}

// A loop of appends once kept every timer from firing: `AbortSignal.timeout`, the
// time limit of the test runner, whatever polls.
describe("a test store leaves timers their turn", () => {
  const calls: Readonly<Record<string, (store: TestStore) => Promise<unknown>>> = {
    append: (store) => store.append("s-1", { type: "T" }),
    "append, which is refused": (store) =>
      store.append("s-1", { type: "T" }, { expect: "no-stream" }).catch(() => {}),
    read: (store) => store.read("s-1").toArray(),
    "read of nothing": (store) => store.read("s-2").toArray(),
    header: async (store) => {
      const read = store.read("s-1");
      await read.header;
      await read.toArray();
    },
    replay: (store) => all(store.replay()),
    getStream: (store) => store.getStream("s-1"),
    status: (store) => store.status(),
    "status, which is refused": (store) =>
      store
        .workspace("in valid")
        .status()
        .catch(() => {}),
    listStreams: (store) => all(store.listStreams()),
  };
  it.each(Object.entries(calls))("in a loop of %s", async (_, call) => {
    await using store = createTestStore();
    await fill(store);
    expect(await timerFiresDuring(() => call(store))).toBe(true);
  });

  it("in a subscription that appends what it is to be given next", async () => {
    await using store = createTestStore();
    await fill(store);
    const events = store.subscribe()[Symbol.asyncIterator]();
    const step = async (): Promise<void> => {
      await events.next();
      await store.append("s-1", { type: "T" });
    };
    expect(await timerFiresDuring(step)).toBe(true);
  });

  it("so that a signal ends a loop of appends after its time", async () => {
    await using store = createTestStore();
    const signal = AbortSignal.timeout(5);
    const loop = async (): Promise<void> => {
      for (let i = 0; i < 50_000; i++) await store.append("s-1", { type: "T" }, { signal });
    };
    await expect(loop()).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("but appends that are made together are answered together", async () => {
    await using store = createTestStore();
    await fill(store);
    let turns = 0;
    const count = (): void => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await Promise.all(Array.from({ length: 1_000 }, () => store.append("s-1", { type: "T" })));
    clearImmediate(counting);
    expect(turns).toBeLessThan(100);
  });
});

describe("a test store under fake timers", () => {
  afterEach(() => void vi.useRealTimers());

  it("answers, while the time of the test stands still", async () => {
    vi.useFakeTimers();
    await using store = createTestStore();
    const appends = Array.from({ length: 20 }, () => store.append("s-1", { type: "T" }));
    await Promise.all(appends);
    await store.append("s-1", { type: "T" });
    const seen: bigint[] = [];
    const following = (async () => {
      for await (const { position } of store.subscribe()) if (seen.push(position) === 22) break;
    })();
    await store.idle();
    await store.append("s-1", { type: "T" });
    await following;
    expect(await store.read("s-1").toArray()).toHaveLength(22);
    expect(seen).toHaveLength(22);
  });

  it("lets the test's timers fire when they are told to", async () => {
    vi.useFakeTimers();
    await using store = createTestStore();
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1_000);
    await store.append("s-1", { type: "T" });
    expect(fired).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(fired).toBe(true);
  });
});

// A test might change the bytes of an event, or those that it appended.
it("a test store shares no bytes with the test", async () => {
  await using store = createTestStore();
  const data = Uint8Array.of(1, 2, 3);
  await store.append("s-1", { type: "T", data });
  data.fill(9);
  for (let reads = 0; reads < 3; reads++) {
    const [event] = await store.read("s-1").toArray();
    expect(event?.bytes).toEqual(Uint8Array.of(1, 2, 3));
    event?.bytes.fill(9);
    for await (const replayed of store.replay()) replayed.bytes.fill(9);
    await sleep(0);
  }
});
