import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect, type StoreClient } from "../support/client.js";
import { temporaryFolder } from "../support/folder.js";
import { replay } from "../support/frames.js";
import { largeEvents } from "../support/requests.js";
import { startTestServer, type TestServer } from "../support/server.js";
import { maintenanceClient } from "./client.js";
import { resultOf, VarveProcess, varve } from "./varve.js";

const workspace = "w";
const ofW = ["--workspace", workspace];

/** Puts more into a workspace than pipes and buffers hold. */
async function appendMuch(client: StoreClient): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await client.append({ workspace, events: largeEvents("s", 32, 100_000) });
  }
}

async function serverWithMuch(): Promise<TestServer> {
  const server = await startTestServer();
  await appendMuch(server.client);
  return server;
}

/** Starts to restore half of a backup, and waits until it is at work. */
async function halfRestored(data: string, bytes: Buffer): Promise<VarveProcess> {
  const running = new VarveProcess(["restore", "-", "--data", data]);
  running.child.stdin.write(bytes.subarray(0, bytes.length >> 1));
  const staging = join(data, "workspaces", `.restoring-${workspace}`);
  while (running.isRunning && !existsSync(staging)) await sleep(5);
  return running;
}

describe("a restore", () => {
  it("that is killed leaves no workspace, and the next one takes its place", async () => {
    const server = await serverWithMuch();
    const file = join(await temporaryFolder(), "b.varve");
    await resultOf(["backup", file, ...ofW], server.address);
    const data = join(await temporaryFolder(), "data");
    const running = await halfRestored(data, await readFile(file));
    running.child.kill("SIGKILL");
    await running.end();
    expect(await readdir(join(data, "workspaces"))).toEqual([`.restoring-${workspace}`]);

    const served = await startTestServer({ folder: data });
    const { workspaces } = await maintenanceClient(served.address).listWorkspaces({});
    expect(workspaces).toEqual(["default"]);
    expect((await served.client.getStatus({ workspace })).head).toBe(0n);
    await served.stop();

    await resultOf(["restore", file, "--data", data]);
    expect(await readdir(join(data, "workspaces"))).toEqual(["default", workspace]);
    const copy = await startTestServer({ folder: data });
    const whole = await replay(server.client, { workspace });
    expect((await replay(copy.client, { workspace })).events).toEqual(whole.events);
  });

  it("that is interrupted leaves nothing", async () => {
    const server = await serverWithMuch();
    const { out } = await varve(["backup", "-", ...ofW], server.address);
    const data = join(await temporaryFolder(), "data");
    const running = await halfRestored(data, out);
    running.child.kill("SIGINT");
    const { status, err } = await running.end();
    expect([status, err]).toEqual([
      130,
      "varve: Interrupted. What was not whole has been removed.\n",
    ]);
    expect(existsSync(data)).toBe(false);
  });

  it("of what is cut off on its way leaves nothing", async () => {
    const server = await serverWithMuch();
    const { out } = await varve(["backup", "-", ...ofW], server.address);
    const data = join(await temporaryFolder(), "data");
    const running = await halfRestored(data, out);
    running.child.stdin.end();
    const { status, err } = await running.end();
    expect([status, err]).toEqual([2, expect.stringContaining("the backup is damaged at byte")]);
    expect(existsSync(data)).toBe(false);
  });
});

describe("a backup", () => {
  it("whose reader has gone away is not done", async () => {
    const server = await serverWithMuch();
    const running = new VarveProcess(["backup", "-", ...ofW], server.address);
    await once(running.child.stdout, "readable");
    running.child.stdout.destroy();
    const { status, err } = await running.end();
    expect(status).toBe(1);
    expect(err).toContain("The backup is not whole, its output ended");
  });

  it("whose server goes away is not done", async () => {
    const server = await ChildServer.start(await temporaryFolder());
    await appendMuch(connect(server.address));
    const running = new VarveProcess(["backup", "-", ...ofW], server.address);
    await once(running.child.stdout, "readable");
    await server.kill();
    const { status, out, err } = await running.end();
    expect(out.length).toBeGreaterThan(0);
    expect([status, err]).toEqual([3, expect.stringContaining("Cannot reach the event store")]);
  });
});
