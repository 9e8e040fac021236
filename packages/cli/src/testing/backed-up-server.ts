import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type EventStoreClient } from "@varve/client";
import { connectMaintenance } from "@varve/client/maintenance";
import { type RunningServer, readSettings, startServer } from "@varve/server";
import { onTestFinished } from "vitest";
import { run, type TestResult, type TestRun } from "./run.js";

const settings = { "in-memory": true, listen: "127.0.0.1:0", "log-level": "silent" };

/** A server whose workspaces a test backs up; it goes when the test ends. */
export class BackedUpServer {
  private constructor(
    readonly server: RunningServer,
    readonly client: EventStoreClient,
  ) {}

  static async start(flags: Record<string, string | boolean> = settings): Promise<BackedUpServer> {
    const server = await startServer(readSettings(flags, {}));
    const client = connect(server.address);
    onTestFinished(async () => {
      await client.close();
      await server.stop();
    });
    return new BackedUpServer(server, client);
  }

  /** Serves a data folder. */
  static serve(data: string): Promise<BackedUpServer> {
    return BackedUpServer.start({ data, listen: "127.0.0.1:0", "log-level": "silent" });
  }

  /** Appends events, each on its own. */
  async append(count: number, workspace = "default"): Promise<void> {
    const client = this.client.workspace(workspace);
    for (let i = 0; i < count; i++) await client.append(`s-${i % 3}`, { type: "t" });
  }

  /** Runs a command line against the server. */
  async run(words: readonly string[], options: Partial<TestRun> = {}): Promise<TestResult> {
    // The command closes its client.
    const maintenance = connectMaintenance(this.server.address);
    return run(words, { client: this.client, maintenance, ...options });
  }
}

/** A folder of its own; it goes when the running test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "varve-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The names of everything in a folder; none if there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
