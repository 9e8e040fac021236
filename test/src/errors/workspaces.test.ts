import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range } from "../support/frames.js";
import { newEvent } from "../support/requests.js";
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
  const server = sharedServer();

  it.each(calls)("fails %s with WORKSPACE_NOT_FOUND, and stays missing", async (_, call) => {
    const { client } = server();
    for (let attempt = 0; attempt < 2; attempt++) {
      const failed = await expectFailure(call(client, "blue"), "WORKSPACE_NOT_FOUND");
      expect(failed.metadata).toEqual({ workspace: "blue" });
      expect(failed.message).toContain("blue");
    }
  });

  it.each(calls.filter(([name]) => name !== "Subscribe" && name !== "SaveSnapshot"))(
    "is empty for %s if it is the default",
    async (_, call) => {
      const { client } = server();
      for (const workspace of ["", "default"]) {
        const answer = call(client, workspace);
        if (Symbol.asyncIterator in answer) for await (const _frame of answer);
        else await answer;
      }
    },
  );

  it("comes into being with its first append", async () => {
    const { client } = await startTestServer();
    await expectFailure(client.getStatus({ workspace: "blue" }), "WORKSPACE_NOT_FOUND");
    await client.append({ workspace: "blue", events: [newEvent("s")] });
    expect((await client.getStatus({ workspace: "blue" })).head).toBe(1n);
  });

  it("does not come into being with an append that breaks a rule", async () => {
    const { client } = await startTestServer();
    const call = client.append({ workspace: "blue", events: [newEvent("$s")] });
    await expectFailure(call, "INVALID_REQUEST");
    await expectFailure(client.getStatus({ workspace: "blue" }), "WORKSPACE_NOT_FOUND");
  });
});

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

describe("more workspaces in use than the server holds", () => {
  it("fail with OVERLOADED, until one is free again", async () => {
    const { client } = await startTestServer();
    const names = range(1, 66).map((n) => `workspace-${n}`);
    for (let start = 0; start < names.length; start += 22) {
      const some = names.slice(start, start + 22);
      const events = [newEvent("s")];
      await Promise.all(some.map((workspace) => client.append({ workspace, events })));
    }
    // A subscription keeps its workspace in use.
    const held: Subscription[] = [];
    const holdAll = async (): Promise<void> => {
      for (const workspace of names) {
        const subscription = new Subscription(client, { workspace });
        await subscription.until("confirmed");
        held.push(subscription);
      }
    };
    await expectFailure(holdAll(), "OVERLOADED");
    const refused = { workspace: names.at(-1) as string, events: [newEvent("s")] };
    await expectFailure(client.append(refused), "OVERLOADED");
    held[0]?.cancel();
    await expect
      .poll(() =>
        client.append(refused).then(
          () => "stored",
          () => "refused",
        ),
      )
      .toBe("stored");
  });
});
