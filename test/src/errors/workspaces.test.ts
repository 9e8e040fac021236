import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { maintenanceClient } from "../backup/client.js";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range } from "../support/frames.js";
import { largeEvents, newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";
import { Subscription } from "../support/subscription.js";

type Call = (
  client: StoreClient,
  workspace: string,
) => PromiseLike<unknown> | AsyncIterable<unknown>;

/** Every call that does not create a workspace, rightly made but for its name. */
const calls: [string, Call][] = [
  ["Read", (client, workspace) => client.read({ workspace, stream: "s" })],
  ["Replay", (client, workspace) => client.replay({ workspace })],
  ["Subscribe", (client, workspace) => client.subscribe({ workspace })],
  ["GetStream", (client, workspace) => client.getStream({ workspace, stream: "s" })],
  ["ListStreams", (client, workspace) => client.listStreams({ workspace })],
  ["GetSnapshot", (client, workspace) => client.getSnapshot({ workspace, stream: "s" })],
  ["GetStatus", (client, workspace) => client.getStatus({ workspace })],
  [
    "SaveSnapshot",
    (client, workspace) => {
      const snapshot = { stream: "s", revision: 0n, schemaType: "s/1" };
      return client.saveSnapshot({ workspace, snapshot });
    },
  ],
];

const append: [string, Call] = [
  "Append",
  (client, workspace) => client.append({ workspace, events: [newEvent("s")] }),
];

describe("a workspace that was never appended to", () => {
  // Asking and following must not leave anything behind: a folder for each mistyped name.
  it("does not come into being by any other call", async () => {
    const { client, address, folder } = await startTestServer();
    for (const [name, call] of calls) {
      if (name === "SaveSnapshot")
        await expectFailure(call(client, "blue"), "SNAPSHOT_AHEAD_OF_STREAM");
      else await started(call(client, "blue"));
    }
    const broken = client.append({ workspace: "blue", events: [newEvent("$s")] });
    await expectFailure(broken, "INVALID_REQUEST");
    expect((await maintenanceClient(address).listWorkspaces({})).workspaces).toEqual(["default"]);
    expect(await readdir(join(folder, "workspaces"))).toEqual(["default"]);
  });

  it("comes into being with its first append", async () => {
    const { client, address } = await startTestServer();
    expect((await client.getStatus({ workspace: "blue" })).head).toBe(0n);
    await client.append({ workspace: "blue", events: [newEvent("s")] });
    expect((await client.getStatus({ workspace: "blue" })).head).toBe(1n);
    const { workspaces } = await maintenanceClient(address).listWorkspaces({});
    expect(workspaces).toEqual(["blue", "default"]);
  });

  it("has no backup", async () => {
    const { address } = await startTestServer();
    const backup = maintenanceClient(address).backup({ workspace: "blue" });
    const failed = await expectFailure(backup, "WORKSPACE_NOT_FOUND");
    expect(failed.metadata).toEqual({ workspace: "blue" });
  });
});

/** Takes an answer, or what a subscription says first. */
async function started(answer: ReturnType<Call>): Promise<void> {
  if (Symbol.asyncIterator in answer) for await (const _frame of answer) return;
  else await answer;
}

describe("a workspace name that breaks a rule", () => {
  const names = ["A", "-a", "_a", "a b", "a.b", "..", "a/b", "ä", "a\n", " ", "x".repeat(64)];

  const server = sharedServer();

  it.each([...calls, append])("fails %s with INVALID_REQUEST", async (_, call) => {
    const { client } = server();
    for (const name of names) {
      const failed = await expectFailure(call(client, name), "INVALID_REQUEST");
      expect(failed.fields).toEqual(["workspace"]);
    }
  });
});

describe("more workspaces with a subscription than may be open", () => {
  it("are all served", async () => {
    const { client } = await startTestServer({ flags: { "open-workspaces": "4" } });
    const names = range(1, 40).map((n) => `workspace-${n}`);
    const append = (workspace: string): Promise<unknown> =>
      client.append({ workspace, events: [newEvent("s")] });
    await Promise.all(names.slice(20).map(append));
    const followed = names.map((workspace) => new Subscription(client, { workspace }));
    await Promise.all(followed.map((each) => each.until("caughtUp")));
    await Promise.all(names.map(append));
    await Promise.all(followed.map((each, i) => each.untilEvents(i < 20 ? 1 : 2)));
  });
});

describe("more calls that take workspaces than may be open", () => {
  it("make way while their clients take nothing, and are told which setting it is", async () => {
    const { client, address } = await startTestServer({ flags: { "open-workspaces": "2" } });
    const maintenance = maintenanceClient(address);
    const slow: AsyncIterator<unknown>[] = [];
    for (const workspace of ["blue", "green"]) {
      await client.append({ workspace, events: largeEvents("s", 40, 100_000) });
      const backup = maintenance.backup({ workspace })[Symbol.asyncIterator]();
      await backup.next();
      slow.push(backup);
    }
    // Whose client takes nothing makes way, the one that was used longest ago first.
    await client.append({ workspace: "red", events: [newEvent("s")] });
    const [first, second] = slow.map(async (backup) => {
      while (!(await backup.next()).done);
    });
    const failed = await expectFailure(first as Promise<void>, "OVERLOADED");
    await second;
    expect(failed.metadata).toEqual({ limit: "open-workspaces", maximum: "2" });
    expect(failed.message).toContain("--open-workspaces");
  });
});
