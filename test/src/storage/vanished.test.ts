import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectMaintenance } from "@varve/client/maintenance";
import { readSettings, StartupError, startServer } from "@varve/server";
import {
  forgetWorkspace,
  openBackups,
  restoreBackups,
  writeBackupFile,
} from "@varve/server/backup";
import { describe, expect, it, onTestFinished } from "vitest";
import { maintenanceClient } from "../backup/client.js";
import { ChildServer } from "../support/child-server.js";
import { connect, type StoreClient } from "../support/client.js";
import { expectFailure, type Failed, failureOf } from "../support/failure.js";
import { temporaryFolder } from "../support/folder.js";
import { largeEvents, newEvent } from "../support/requests.js";
import { flagsFor, startTestServer, type TestServer } from "../support/server.js";
import { Subscription } from "../support/subscription.js";

// Appends to a deleted folder were acknowledged for a while, because LevelDB holds its files
// open, and the next start began an empty log at position 1 without a word.

function append(client: StoreClient, workspace: string): Promise<unknown> {
  return client.append({ workspace, events: [newEvent("s")] });
}

/** Three events in each of "default", "blue" and "green". */
async function startFilled(): Promise<TestServer> {
  const server = await startTestServer();
  for (let n = 0; n < 3; n++) {
    for (const workspace of ["default", "blue", "green"]) await append(server.client, workspace);
  }
  return server;
}

/** Appends until that is refused: a folder is looked for once a second. */
async function refused(client: StoreClient, workspace: string): Promise<Failed> {
  for (;;) {
    const failure = await failureOf(append(client, workspace)).catch(() => undefined);
    if (failure && failure.reason !== "APPEND_OUTCOME_UNKNOWN") return failure;
  }
}

async function expectMissing(client: StoreClient, workspace: string): Promise<void> {
  const calls = [
    () => append(client, workspace),
    () => client.read({ workspace, stream: "s" }),
    () => client.replay({ workspace }),
    () => client.subscribe({ workspace }),
    () => client.getStatus({ workspace }),
    () => client.getStream({ workspace, stream: "s" }),
    () => client.listStreams({ workspace }),
    () => client.getSnapshot({ workspace, stream: "s" }),
  ];
  for (const call of calls) {
    const { metadata } = await expectFailure(call(), "WORKSPACE_MISSING");
    expect(metadata).toEqual({ workspace });
  }
}

async function headOf(client: StoreClient, workspace: string): Promise<bigint> {
  return (await client.getStatus({ workspace })).head;
}

const ways: [string, (path: string) => Promise<void>][] = [
  ["deleted", (path) => rm(path, { recursive: true })],
  [
    "moved away",
    async (path) => {
      await rename(path, `${path}+away`);
      onTestFinished(() => rm(`${path}+away`, { recursive: true, force: true }));
    },
  ],
  [
    "emptied",
    async (path) => {
      for (const name of await readdir(path)) await rm(join(path, name));
    },
  ],
  [
    "replaced by an empty one",
    async (path) => {
      await rm(path, { recursive: true });
      await mkdir(path);
    },
  ],
];

describe("a workspace whose folder", () => {
  it.each(ways)("is %s while it is open is missing from then on", async (_, lose) => {
    const { client, folder, stop } = await startFilled();
    const followed = new Subscription(client, { workspace: "blue" });
    await followed.until("caughtUp");
    await lose(join(folder, "workspaces", "blue"));
    expect(await refused(client, "blue")).toMatchObject({
      reason: "WORKSPACE_MISSING",
      metadata: { workspace: "blue" },
    });
    await expectFailure(
      followed.failure().then((error) => Promise.reject(error)),
      "WORKSPACE_MISSING",
    );
    await expectMissing(client, "blue");
    await append(client, "green");
    await stop();

    const again = await startTestServer({ folder });
    await expectMissing(again.client, "blue");
    expect(await headOf(again.client, "green")).toBe(4n);
    const { workspaces } = await maintenanceClient(again.address).listWorkspaces({});
    expect(workspaces).toEqual(["blue", "default", "green"]);
  });

  it.each(ways)("is %s while no server runs is missing", async (_, lose) => {
    const { folder, stop } = await startFilled();
    await stop();
    await lose(join(folder, "workspaces", "blue"));
    const { client } = await startTestServer({ folder });
    await expectMissing(client, "blue");
    expect(await headOf(client, "default")).toBe(3n);
  });

  // LevelDB fails to begin its next file, which ended the server as a failure of the disk does.
  it("is deleted while much is appended does not end the server", async () => {
    const { client, folder } = await startFilled();
    await rm(join(folder, "workspaces", "blue"), { recursive: true });
    const events = largeEvents("s", 30, 100_000);
    const appends = Array.from({ length: 8 }, () => client.append({ workspace: "blue", events }));
    await Promise.allSettled(appends);
    expect((await refused(client, "blue")).reason).toBe("WORKSPACE_MISSING");
    await append(client, "green");
  });

  it("is the default's keeps the server from starting", async () => {
    const { folder, stop } = await startFilled();
    await stop();
    await rm(join(folder, "workspaces", "default"), { recursive: true });
    const failure = await startServer(readSettings(flagsFor(folder), {})).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(StartupError);
    expect((failure as Error).message).toMatch(
      /cannot open the log in .*"default" is missing: .*backup; .*delete its line in .*workspaces\.txt$/,
    );
  });

  it("comes back goes on where it was", async () => {
    const { client, folder } = await startFilled();
    const path = join(folder, "workspaces", "blue");
    await rename(path, `${path}+away`);
    await refused(client, "blue");
    await rename(`${path}+away`, path);
    expect(await headOf(client, "blue")).toBeGreaterThanOrEqual(3n);
    await append(client, "blue");
  });

  it("is gone can be restored from a backup", async () => {
    const { address, folder, stop } = await startFilled();
    const file = join(await temporaryFolder(), "blue.varve");
    await using maintenance = connectMaintenance(address);
    await writeBackupFile(file, maintenance.backup({ workspace: "blue" }), { overwrite: false });
    await stop();
    await rm(join(folder, "workspaces", "blue"), { recursive: true });
    await restoreBackups(await openBackups([file]), { dataFolder: folder });
    const { client } = await startTestServer({ folder });
    expect(await headOf(client, "blue")).toBe(3n);
  });

  it("is meant to be gone is forgotten, by hand or by a call", async () => {
    const { folder, stop } = await startFilled();
    const list = join(folder, "workspaces.txt");
    await expect(forgetWorkspace(folder, "blue")).rejects.toThrow("another process is using it");
    await stop();
    await expect(forgetWorkspace(folder, "blue")).rejects.toThrow('"blue" has data');
    for (const name of ["blue", "green"]) {
      await rm(join(folder, "workspaces", name), { recursive: true });
    }
    expect(await forgetWorkspace(folder, "blue")).toBe(true);
    expect(await forgetWorkspace(folder, "blue")).toBe(false);
    await writeFile(list, (await readFile(list, "utf8")).replace("green\n", ""));
    const { client } = await startTestServer({ folder });
    for (const workspace of ["blue", "green"]) {
      expect(await headOf(client, workspace)).toBe(0n);
      await append(client, workspace);
    }
  });
});

describe("a data folder", () => {
  it.each(ways.slice(0, 2))("that is %s serves and takes nothing more", async (_, lose) => {
    const { client, folder } = await startFilled();
    await lose(folder);
    for (const workspace of ["default", "blue"]) {
      expect((await refused(client, workspace)).reason).toBe("WORKSPACE_MISSING");
      await expectMissing(client, workspace);
    }
    await expectFailure(append(client, "red"), "STORAGE_UNAVAILABLE");
    expect(existsSync(folder)).toBe(false);
  });

  it("that is replaced while a server runs is left alone", async () => {
    const { client, folder } = await startFilled();
    await rename(folder, `${folder}+away`);
    const other = await ChildServer.start(folder);
    await append(connect(other.address), "default");
    expect((await refused(client, "default")).reason).toBe("WORKSPACE_MISSING");
    await expectFailure(append(client, "red"), "STORAGE_UNAVAILABLE");
    expect(await readdir(join(folder, "workspaces"))).toEqual(["default"]);
    expect(await headOf(connect(other.address), "default")).toBe(1n);
    await rm(`${folder}+away`, { recursive: true });
  });

  // Earlier versions kept no list.
  it("without its list has the workspaces that are there", async () => {
    const { folder, stop } = await startFilled();
    await stop();
    await rm(join(folder, "workspaces.txt"));
    const { client, address, stop: stopAgain } = await startTestServer({ folder });
    const { workspaces } = await maintenanceClient(address).listWorkspaces({});
    expect(workspaces).toEqual(["blue", "default", "green"]);
    expect(await headOf(client, "blue")).toBe(3n);
    await stopAgain();
    await rm(join(folder, "workspaces", "blue"), { recursive: true });
    await expectMissing((await startTestServer({ folder })).client, "blue");
  });
});
