import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Verification } from "@varve/proto";
import { type RunningServer, readSettings, startServer } from "@varve/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { connect, type StoreClient } from "../support/client.js";
import { entriesOf, space, withDatabase } from "../support/database.js";
import { temporaryFolder } from "../support/folder.js";
import { largeEvents, newEvents } from "../support/requests.js";
import { flagsFor, startTestServer } from "../support/server.js";

interface Pace {
  readonly scrubIntervalMs: number;
  readonly scrubBytesPerSecondMax: number;
}

const often: Pace = { scrubIntervalMs: 400, scrubBytesPerSecondMax: 2 ** 30 };

/** A server that checks what it stores at another pace than settings allow. */
async function startScrubbed(folder: string, pace: Partial<Pace> = {}): Promise<RunningServer> {
  const settings = readSettings(flagsFor(folder), {});
  const running = await startServer({ ...settings, ...often, ...pace });
  onTestFinished(() => running.stop());
  return running;
}

/** More than the server looks at when it starts, in the workspaces "default" and "blue". */
async function largeLog(): Promise<string> {
  const { client, folder, stop } = await startTestServer();
  for (const workspace of ["default", "blue"]) {
    await client.append({ workspace, events: newEvents("old", 3) });
    for (let n = 0; n < 2; n++) {
      await client.append({ workspace, events: largeEvents("bulk", 25, 100_000) });
    }
  }
  await stop();
  return folder;
}

/** Resolves when a check has been made that began after the call. */
async function nextCheck(client: StoreClient, workspace = "default"): Promise<Verification> {
  const { time } = await client.getStatus({ workspace });
  return vi.waitFor(
    async () => {
      const { verification } = await client.getStatus({ workspace });
      expect(verification?.finishedAt).toBeDefined();
      expect(msOf(verification?.startedAt)).toBeGreaterThanOrEqual(msOf(time));
      return verification as Verification;
    },
    { timeout: 50_000, interval: 50 },
  );
}

function msOf(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : 0;
}

describe("a server that checks what it stores", () => {
  it("finds nothing in what is whole, while appends go on", async () => {
    const folder = await temporaryFolder();
    const client = connect((await startScrubbed(folder)).address);
    for (let n = 0; n < 30; n++) await client.append({ events: newEvents(`s-${n % 7}`, 40) });
    const { findings, position } = await nextCheck(client);
    expect(findings).toBe(0n);
    expect(position).toBeGreaterThan(0n);
  });

  it("finds a block that the start does not look at, and says so in the status", async () => {
    const folder = await largeLog();
    await withDatabase(folder, "workspaces/blue", async (db) => {
      const [key, value] = (await entriesOf(db, space.block))[0] as [Buffer, Buffer];
      await db.put(key, Buffer.from(value).fill(0, 100, 110));
    });
    const client = connect((await startScrubbed(folder)).address);
    expect(await nextCheck(client, "blue")).toMatchObject({ findings: 1n, position: 53n });
    expect(await nextCheck(client, "default")).toMatchObject({ findings: 0n, position: 53n });
  });

  it("finds an index entry that is missing", async () => {
    const folder = await largeLog();
    await withDatabase(folder, "workspaces/default", async (db) => {
      const entries = await entriesOf(db, space.stream);
      const keys = entries.map(([key]) => key);
      await db.del(keys.find((key) => key.toString("latin1").startsWith("sold")) as Buffer);
    });
    const client = connect((await startScrubbed(folder)).address);
    expect((await nextCheck(client)).findings).toBeGreaterThan(0n);
  });

  it("finds a flipped bit in a table", async () => {
    const folder = await largeLog();
    const path = join(folder, "workspaces/default");
    // Once more opened, what was in the log is in a table.
    await withDatabase(folder, "workspaces/default", async () => {});
    const name = (await readdir(path)).find((file) => file.endsWith(".ldb")) as string;
    const bytes = await readFile(join(path, name));
    bytes[100] = (bytes[100] as number) ^ 1;
    await writeFile(join(path, name), bytes);
    const client = connect((await startScrubbed(folder)).address);
    expect((await nextCheck(client)).findings).toBeGreaterThan(0n);
  });

  it("stops at once in the middle of a check", async () => {
    const folder = await largeLog();
    const server = await startScrubbed(folder, { scrubBytesPerSecondMax: 256 * 1024 });
    const client = connect(server.address);
    const begun = await vi.waitFor(
      async () => {
        const { verification } = await client.getStatus({ workspace: "blue" });
        expect(verification).toBeDefined();
        return verification;
      },
      { timeout: 50_000, interval: 50 },
    );
    expect(begun?.finishedAt).toBeUndefined();
    await server.stop();
  });

  it("makes no check if that is not wanted", async () => {
    const folder = await temporaryFolder();
    const client = connect((await startScrubbed(folder, { scrubIntervalMs: 0 })).address);
    await client.append({ events: newEvents("s", 1) });
    expect((await client.getStatus({})).verification).toBeUndefined();
  });
});
