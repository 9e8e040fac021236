import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type EventStoreClient } from "@varve/client";
import { type RunningServer, readSettings, startServer } from "@varve/server";
import { type FolderReport, verifyFolder } from "@varve/server/integrity";
import { createTestStore } from "@varve/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands, type Fleet, type Real } from "./commands.js";
import { Model } from "./model.js";

/** A real server on a folder of its own, which can be stopped and started. */
class RealServer implements Real, AsyncDisposable {
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

  /** What a check of everything that it has left finds wrong. */
  async stopAndVerify(): Promise<FolderReport[]> {
    await this.#stop();
    const found: FolderReport[] = [];
    for await (const report of verifyFolder({ folder: this.#folder })) {
      if (report.type === "finding") found.push(report);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #stop(): Promise<void> {
    await this.#client?.close();
    await this.#server?.stop();
  }
}

/** The in-memory store; it has nothing to start again. */
function fake(client: EventStoreClient): Real {
  return { client, restart: async () => {} };
}

describe("against a model", () => {
  it("the server and the in-memory store do what the model says, and so the same", async () => {
    await fc.assert(
      fc.asyncProperty(commands(), async (sequence) => {
        await using client = createTestStore();
        await using server = new RealServer();
        await server.start();
        const setup = (): { model: Fleet<Model>; real: Fleet<Real> } => ({
          model: [new Model(), new Model()],
          real: [fake(client), server],
        });
        await fc.asyncModelRun(setup, sequence);
        expect(await server.stopAndVerify()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
