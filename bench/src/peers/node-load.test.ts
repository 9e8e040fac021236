import { beforeEach, describe, expect, it } from "vitest";
import type { Payload } from "../load/payload.ts";
import { NodeLoad } from "./node-load.ts";
import type { LogClient } from "./peer.ts";

const SECONDS = 0.02;

/** A log in memory, which looks closely at how it is used. */
class MemoryLog implements LogClient {
  readonly events: { readonly stream: string; readonly event: Payload }[] = [];
  readonly busy = new Set<string>();
  inFlightMax = 0;
  /** How many of the last events a reader does not get. */
  hidden = 0;

  append(stream: string, event: Payload): Promise<void> {
    return this.appendBatch(stream, [event]);
  }

  async appendBatch(stream: string, events: readonly Payload[]): Promise<void> {
    if (this.busy.has(stream)) throw new Error(`${stream} has an append on its way`);
    this.busy.add(stream);
    this.inFlightMax = Math.max(this.inFlightMax, this.busy.size);
    await new Promise(setImmediate);
    this.events.push(...events.map((event) => ({ stream, event })));
    this.busy.delete(stream);
  }

  async appendAfter(stream: string, event: Payload, place: number | undefined): Promise<number> {
    const last = this.events.findLastIndex((entry) => entry.stream === stream);
    if (last !== (place ?? -1)) throw new Error(`${stream} is at ${last}, not at ${place}`);
    await this.append(stream, event);
    return this.events.findLastIndex((entry) => entry.stream === stream);
  }

  async readAll(visit: (event: Payload) => void): Promise<void> {
    const read = this.events.slice(0, this.events.length - this.hidden);
    for (const { event } of read) visit(event);
  }

  async count(): Promise<number> {
    return this.events.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

let log: MemoryLog;
let load: NodeLoad;

beforeEach(() => {
  log = new MemoryLog();
  load = new NodeLoad(log);
});

describe("the load", () => {
  it("fills a log with exactly as many events as are asked for", async () => {
    await load.fill(250);
    expect(await load.count()).toBe(250);
    expect(log.inFlightMax).toBe(1);
  });

  it.each([
    ["one", 1],
    ["many", 64],
    ["batches", 8],
    ["conditional", 64],
  ] as const)("does %s with %i appends on their way, and counts them", async (workload, count) => {
    const { events, seconds } = await load.run(workload, SECONDS);
    expect(log.inFlightMax).toBe(count);
    expect(log.events).toHaveLength(events);
    expect(seconds).toBeGreaterThan(0);
  });

  it("goes on where it was when conditional appends are repeated", async () => {
    const first = await load.run("conditional", SECONDS);
    const second = await load.run("conditional", SECONDS);
    expect(log.events).toHaveLength(first.events + second.events);
  });

  it("says the median time of one writer", async () => {
    const { details } = await load.run("one", SECONDS);
    expect(details?.p50Us).toBeGreaterThan(0);
  });

  it("reads the whole log, again and again", async () => {
    await load.fill(300);
    const { events } = await load.run("catch-up", SECONDS);
    expect(events % 300).toBe(0);
  });

  it("fails if a read does not give every event", async () => {
    await load.fill(300);
    log.hidden = 1;
    await expect(load.run("catch-up", SECONDS)).rejects.toThrow("read 299 events in place of 300");
  });
});
