import { describe, expect, it } from "vitest";
import { TestServer } from "./test-support/http2-server.js";
import { runTypescript } from "./test-support/run-typescript.js";
import { deferred, FakeLog, untilCancelled } from "./test-support/service.js";

/** A program that uses a client, and never closes it. */
function program(address: string, body: string): string {
  return `
    import { connect } from ${JSON.stringify(new URL("connect.ts", import.meta.url).href)};
    const client = connect(${JSON.stringify(address)}, { pipeline: { idleTimeoutMs: 600_000 } });
    ${body}
  `;
}

describe("SessionUse", () => {
  it("lets a process end that has appended and never closed its client", {
    timeout: 30_000,
  }, async () => {
    const log = new FakeLog();
    await using server = await TestServer.start(log);
    const body = `await client.append("order-1", { type: "order.Placed" });`;
    expect(await runTypescript(program(server.address, body))).toBe(0);
    expect(log.head).toBe(1n);
  });

  it("lets a process end that has left a subscription while nothing happened", {
    timeout: 30_000,
  }, async () => {
    const left = deferred();
    await using server = await TestServer.start({
      async *subscribe(_, { signal }) {
        yield { frame: { case: "confirmed", value: { after: 0n, head: 0n } } };
        await untilCancelled(signal);
        left.resolve();
      },
    });
    const body = `
      const { Readable } = await import("node:stream");
      const frames = Readable.from(client.subscribe().frames());
      frames.once("data", () => setTimeout(() => frames.destroy(), 10));
    `;
    expect(await runTypescript(program(server.address, body))).toBe(0);
    await left.promise;
  });

  it("lets a process end whose append has failed, and that never closed its client", {
    timeout: 30_000,
  }, async () => {
    const server = await TestServer.start({});
    await server[Symbol.asyncDispose]();
    const body = `await client.append("order-1", { type: "T" }).catch(() => undefined);`;
    expect(await runTypescript(program(server.address, body))).toBe(0);
  });

  it("keeps a process alive that waits for an append or a unary call", {
    timeout: 30_000,
  }, async () => {
    const log = new FakeLog();
    await using server = await TestServer.start({
      async *appendStream(frames) {
        for await (const frame of frames) {
          await later();
          yield { outcomes: log.store(frame) };
        }
      },
      async getStream() {
        await later();
        return { exists: false };
      },
    });
    const body = `
      await client.append("order-1", { type: "order.Placed" });
      await client.getStream("order-1");
      await client.append("order-1", { type: "order.Placed" });
    `;
    // A process that nothing keeps alive while it awaits ends with 13.
    expect(await runTypescript(program(server.address, body))).toBe(0);
    expect(log.head).toBe(2n);
  });
});

/** Long enough for a process with nothing to do to end. */
function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}
