import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type EventStoreClient } from "@varve/client";
import { type RunningServer, readSettings, startServer } from "@varve/server";
import { createTestStore } from "@varve/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands, type Real } from "./commands.js";
import { Model } from "./model.js";

/** A real server on a folder of its own, which can be stopped and started. */
class RealServer implements Real {
  readonly #folder = mkdtempSync(join(tmpdir(), "varve-model-"));
  #server: RunningServer | undefined;
  #client: EventStoreClient | undefined;

  get client(): EventStoreClient {
    if (!this.#client) throw new Error("the server is not started");
    return this.#client;
  }

  async start(): Promise<void> {
    const flags = { data: this.#folder, listen: "127.0.0.1:0", "log-level": "silent" };
    this.#server = await startServer(readSettings(flags, {}));
    this.#client = connect(this.#server.address);
  }

  async restart(): Promise<void> {
    await this.#stop();
    await this.start();
  }

  async end(): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #stop(): Promise<void> {
    await this.#client?.close();
    await this.#server?.stop();
  }
}

describe("against a model", () => {
  it("the server does what the model says, also after restarts", async () => {
    await fc.assert(
      fc.asyncProperty(commands({ restart: true }), async (sequence) => {
        const real = new RealServer();
        await real.start();
        try {
          await fc.asyncModelRun(() => ({ model: new Model(), real }), sequence);
        } finally {
          await real.end();
        }
      }),
      { numRuns: 40 },
    );
  });

  it("the in-memory store does what the model says", async () => {
    await fc.assert(
      fc.asyncProperty(commands({ restart: false }), async (sequence) => {
        await using client = createTestStore();
        const real = { client, restart: async () => expect.unreachable() };
        await fc.asyncModelRun(() => ({ model: new Model(), real }), sequence);
      }),
      { numRuns: 60 },
    );
  });
});
