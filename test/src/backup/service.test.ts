import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackupResponse, MaintenanceService } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { failureOf } from "../support/failure.js";
import { newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { type MaintenanceClient, maintenanceClient } from "./client.js";

async function framesOf(
  client: MaintenanceClient,
  request: Parameters<MaintenanceClient["backup"]>[0],
): Promise<BackupResponse["frame"][]> {
  const frames: BackupResponse["frame"][] = [];
  for await (const { frame } of client.backup(request)) frames.push(frame);
  return frames;
}

describe("the maintenance service", () => {
  it("lists the workspaces that exist, and nothing else that lies in the folder", async () => {
    const server = await startTestServer();
    await server.client.append({ workspace: "b", events: newEvents("s", 1) });
    await server.client.append({ workspace: "a-1", events: newEvents("s", 1) });
    const folder = join(server.folder, "workspaces");
    await mkdir(join(folder, ".restoring-c"));
    await mkdir(join(folder, "Upper"));
    await writeFile(join(folder, "file"), "");
    const { workspaces } = await maintenanceClient(server.address).listWorkspaces({});
    expect(workspaces).toEqual(["a-1", "b", "default"]);
  });

  it("sends a backup frame by frame", async () => {
    const server = await startTestServer();
    await server.client.append({ events: newEvents("s", 3) });
    const frames = await framesOf(maintenanceClient(server.address), {});
    expect(frames.map((frame) => frame.case)).toEqual(["header", "blocks", "end"]);
    expect(frames[0]?.value).toMatchObject({ workspace: "default", dataFormat: 1, head: 3n });
    expect(frames[2]?.value).toMatchObject({ blocks: 1n, events: 3n, appendIds: 0n, head: 3n });
  });

  it("says why it refuses", async () => {
    const server = await startTestServer();
    await server.client.append({ events: newEvents("s", 3) });
    const client = maintenanceClient(server.address);
    const failure = (request: Parameters<MaintenanceClient["backup"]>[0]): Promise<unknown> =>
      failureOf(framesOf(client, request));
    expect(await failure({ afterPosition: 3n, afterChain: new Uint8Array(32) })).toMatchObject({
      reason: "LOG_MISMATCH",
      metadata: { position: "3" },
    });
    expect(await failure({ afterPosition: 4n })).toMatchObject({
      reason: "POSITION_AHEAD_OF_HEAD",
    });
    expect(await failure({ workspace: "none" })).toMatchObject({ reason: "WORKSPACE_NOT_FOUND" });
    expect(await failure({ workspace: "../x" })).toMatchObject({ reason: "INVALID_REQUEST" });
    expect(await failure({ afterChain: new Uint8Array(5) })).toMatchObject({
      reason: "INVALID_REQUEST",
    });
  });

  it("is named as the contract has it", () => {
    expect(MaintenanceService.typeName).toBe("varve.v1.MaintenanceService");
  });
});
