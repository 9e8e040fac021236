import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type RecordedEvent, TimeoutError } from "@varve/client";
import { describe, expect, it } from "vitest";
import { createTestClock } from "./clock.js";
import { createTestStore, type TestStore } from "./test-store.js";

/** Follows the log in the background; what it has seen so far, and its end. */
function follow(store: TestStore): { seen: RecordedEvent[]; ended: Promise<unknown> } {
  const seen: RecordedEvent[] = [];
  const run = async (): Promise<void> => {
    for await (const event of store.subscribe()) seen.push(event);
  };
  return { seen, ended: run().catch((error: unknown) => error) };
}

describe("a test store", () => {
  it("loads neither native code nor a gRPC server", async () => {
    const script = `
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      const { createTestStore } = await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});
      await using store = createTestStore();
      await store.append("s-1", { type: "T" });
      const native = process.report.getReport().sharedObjects.filter((file) => file.endsWith(".node"));
      console.log(JSON.stringify({ loaded, native }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "--eval",
      script,
    ]);
    const { loaded, native } = JSON.parse(stdout) as { loaded: string[]; native: string[] };
    expect(loaded.length).toBeGreaterThan(10);
    expect(loaded.filter((url) => /grpc-js|classic-level|@varve.server/.test(url))).toEqual([]);
    expect(native).toEqual([]);
  });

  it("is isolated from every other", async () => {
    await using one = createTestStore();
    await using other = createTestStore();
    await one.append("s-1", { type: "T" });
    expect((await one.status()).head).toBe(1n);
    expect((await other.status()).head).toBe(0n);
  });

  it("begins anew when it is cleared, in every workspace", async () => {
    await using store = createTestStore();
    await store.append("s-1", { type: "T" });
    await store.workspace("other").append("s-1", { type: "T" });
    await store.clear();
    expect((await store.status()).head).toBe(0n);
    expect((await store.workspace("other").status()).head).toBe(0n);
    expect((await store.append("s-1", { type: "T" })).firstPosition).toBe(1n);
  });

  it("tells which workspaces came into being", async () => {
    await using store = createTestStore();
    await store.workspace("read").read("s-1").toArray();
    for (const name of ["written", "also"]) await store.workspace(name).append("s", { type: "T" });
    expect(await store.workspaces()).toEqual(["also", "written"]);
  });

  it("lets calls time out as those to a server do", async () => {
    await using store = createTestStore({ timeoutMs: 50 });
    store.faults.delay(10_000);
    await expect(store.status()).rejects.toBeInstanceOf(TimeoutError);
    const append = store.append("s-1", { type: "T" }, { timeoutMs: 20 });
    await expect(append).rejects.toMatchObject({ reason: "TIMEOUT", timeoutMs: 20 });
    store.faults.clear();
    expect((await store.status()).head).toBe(0n);
  });

  it("takes its times from the clock of the test", async () => {
    const clock = createTestClock(new Date("2020-02-02T00:00:00Z"));
    await using store = createTestStore({ clock });
    await store.append("s-1", { type: "A" });
    clock.advance(60_000);
    await store.append("s-1", { type: "B" });
    const asOf = new Date("2020-02-02T00:00:59.999Z");
    const [before, ...none] = await store.read("s-1", { asOf }).toArray();
    expect(before?.recordedAt).toEqual(new Date("2020-02-02T00:00:00Z"));
    expect(none).toEqual([]);
    expect(await store.read("s-1", { asOf: clock.now() }).toArray()).toHaveLength(2);
  });

  it("is idle when every subscription has handled what there is", async () => {
    await using store = createTestStore();
    const slow = { handled: 0 };
    void (async () => {
      for await (const _ of store.subscribe()) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        slow.handled++;
      }
    })();
    const fast = follow(store);
    for (let i = 0; i < 10; i++) await store.append("s-1", { type: "T" });
    await store.idle();
    expect(slow.handled).toBe(10);
    expect(fast.seen).toHaveLength(10);
    await store.append("s-1", { type: "T" });
    await store.idle();
    expect([slow.handled, fast.seen.length]).toEqual([11, 11]);
  });

  it("does not wait for a subscription whose loop was left", async () => {
    await using store = createTestStore();
    await store.append("s-1", { type: "T" });
    for await (const _ of store.subscribe()) break;
    await store.append("s-1", { type: "T" });
    await store.idle();
  });

  it("is idle at once without subscriptions", async () => {
    await using store = createTestStore();
    await store.idle();
  });

  it("applies the limits it was given", async () => {
    await using store = createTestStore({ limits: { appendEventsMax: 1 } });
    const two = [{ type: "A" }, { type: "B" }];
    await expect(store.append("s-1", two)).rejects.toMatchObject({ reason: "APPEND_TOO_LARGE" });
  });
});

describe("a fault", () => {
  it("that drops connections interrupts a subscription, which resumes without gap or repeat", async () => {
    await using store = createTestStore();
    const { seen } = follow(store);
    await store.append("s-1", { type: "A" });
    await store.idle();
    store.faults.dropConnections();
    await store.append("s-1", { type: "B" });
    await expect.poll(() => seen.map((event) => event.type)).toEqual(["A", "B"]);
    await store.idle();
    expect(seen).toHaveLength(2);
  });

  it("of a conflict happens once, names the stream, and stores nothing", async () => {
    await using store = createTestStore();
    await store.append("s-1", { type: "A" });
    store.faults.conflictOnce("s-1");
    await store.append("s-2", { type: "B" });
    await expect(store.append("s-1", { type: "C" }, { expect: 0 })).rejects.toMatchObject({
      reason: "CONDITION_FAILED",
      violations: [{ kind: "stream", stream: "s-1", actual: 0n }],
    });
    await store.append("s-1", { type: "C" }, { expect: 0 });
    expect((await store.status()).head).toBe(3n);
  });

  it("before the commit leaves nothing stored", async () => {
    await using store = createTestStore();
    store.faults.failNextAppend("INTERNAL", { after: "before" });
    await expect(store.append("s-1", { type: "A" })).rejects.toMatchObject({ code: "INTERNAL" });
    expect((await store.status()).head).toBe(0n);
  });

  it("after the commit leaves the events stored, and the caller in doubt", async () => {
    await using store = createTestStore();
    store.faults.failNextAppend("DEADLINE_EXCEEDED", { after: "commit" });
    const appendId = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";
    const event = { type: "A", id: "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5b" };
    await expect(store.append("s-1", event, { appendId })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(await store.append("s-1", event, { appendId })).toMatchObject({ repeat: true });
    expect((await store.status()).head).toBe(1n);
  });

  it.each(["before", "commit"] as const)(
    "that makes the store unavailable (%s) is healed by the SDK's retry, without a double",
    async (after) => {
      await using store = createTestStore();
      store.faults.failNextAppend("UNAVAILABLE", { after });
      const result = await store.append("s-1", { type: "A" });
      expect(result).toMatchObject({ firstPosition: 1n, repeat: after === "commit" });
      expect((await store.status()).head).toBe(1n);
    },
  );

  it("of a dropped connection under an append is healed likewise", async () => {
    await using store = createTestStore();
    store.faults.delay(20);
    const appended = store.append("s-1", { type: "A" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    store.faults.dropConnections();
    store.faults.clear();
    await appended;
    expect((await store.status()).head).toBe(1n);
  });

  it("of delay holds back every call, and no longer once it is cleared", async () => {
    await using store = createTestStore();
    store.faults.delay(30);
    let answered = false;
    const status = store.status().then(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    await status;
    store.faults.clear();
    await store.status();
  });

  it("of a slow consumer makes a subscription fall behind", async () => {
    await using store = createTestStore();
    const kinds: string[] = [];
    const subscription = store.subscribe();
    const following = (async () => {
      for await (const frame of subscription.frames()) {
        kinds.push(frame.kind);
        if (kinds.filter((kind) => kind === "caught-up").length === 2) break;
      }
    })();
    await store.append("s-1", { type: "A" });
    await store.idle();
    // So long that all of what follows is there before the consumer takes the first of it.
    store.faults.slowConsumer(500);
    await store.append("s-1", { type: "A" });
    const many = Array.from({ length: 4000 }, () => ({ type: "B" }));
    await Promise.all([1, 2, 3, 4].map(() => store.append("s-2", many)));
    store.faults.clear();
    await following;
    expect(kinds).toContain("fell-behind");
  });

  it("with a code that there is not is a mistake of the test", async () => {
    await using store = createTestStore();
    const fail = (): void => store.faults.failNextAppend("NOPE" as "INTERNAL", { after: "before" });
    expect(fail).toThrow(TypeError);
  });
});

describe("a test clock", () => {
  it("refuses what is no time", () => {
    expect(() => createTestClock(new Date("nonsense"))).toThrow(RangeError);
    expect(() => createTestClock().advance(-1)).toThrow(RangeError);
    expect(() => createTestClock().advance(Number.NaN)).toThrow(RangeError);
  });
});
