import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { EventStoreClient } from "@varve/client";
import { all, invalid, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, positions } from "./events.js";

/** Every call but those that append. */
const calls: readonly (readonly [
  name: string,
  call: (client: EventStoreClient) => PromiseLike<unknown> | AsyncIterable<unknown>,
])[] = [
  ["read", (client) => client.read("a")],
  ["replay", (client) => client.replay()],
  ["subscribe", (client) => client.subscribe()],
  ["getStream", (client) => client.getStream("a")],
  ["listStreams", (client) => client.listStreams()],
  ["saveSnapshot", (client) => client.saveSnapshot(snapshot)],
  ["getSnapshot", (client) => client.getSnapshot("a")],
  ["status", (client) => client.status()],
];

const snapshot = { stream: "a", revision: 0, schemaType: "state/1", data: {} } as const;

/** Logs of their own. */
export function describeWorkspaces(contract: Contract): void {
  const { describe, it } = contract;
  describe("a workspace", () => {
    it("comes into being with its first append", async (t) => {
      await rejects(t.client.status(), "WORKSPACE_NOT_FOUND");
      await t.restart();
      await t.client.append("a", newEvent());
      await t.restart();
      strictEqual((await t.client.status()).head, 1n);
    });

    for (const [name, call] of calls) {
      it(`that was never appended to is not found: ${name}`, async (t) => {
        const error = await rejects(call(t.client), "WORKSPACE_NOT_FOUND");
        deepStrictEqual({ ...error.metadata }, { workspace: t.workspace });
      });
    }

    it("named default is there without an append", async (t) => {
      strictEqual((await t.in("default").status()).workspace, "default");
    });

    it("has positions, streams and snapshots of its own", async (t) => {
      const other = `${t.workspace}-other`;
      await t.client.append("a", newEvents(3));
      await t.client.saveSnapshot(snapshot);
      const { firstPosition, streams } = await t.in(other).append("a", newEvents(2));
      strictEqual(firstPosition, 1n);
      strictEqual(streams[0]?.firstRevision, 0n);
      await t.in(other).append("b", newEvent(), { expect: "no-stream" });
      await t.restart();
      deepStrictEqual(positions(await all(t.client.replay())), [1, 2, 3]);
      strictEqual(await t.client.getStream("b"), undefined);
      strictEqual(await t.in(other).getSnapshot("a"), undefined);
      const listed = await all(t.in(other).listStreams());
      deepStrictEqual(
        listed.map(({ stream, eventCount }) => [stream, eventCount]),
        [
          ["a", 2n],
          ["b", 1n],
        ],
      );
    });

    it("is not seen by the subscriptions and conditions of another", async (t) => {
      const other = t.in(`${t.workspace}-other`);
      await t.client.append("a", newEvent());
      const followed = t.follow();
      await followed.until("caught-up");
      await other.append("a", newEvents(5));
      const conditions = [{ noEventMatches: {}, after: 1n }];
      await t.client.append("a", newEvent(), { expect: 0, conditions });
      await followed.untilEvents(2);
      deepStrictEqual(positions(followed.events), [1, 2]);
    });
  });
  describeNames(contract);
  describeStatus(contract);
}

function describeNames({ describe, it }: Contract): void {
  describe("the name of a workspace", () => {
    it("may have 63 characters of a-z, 0-9, hyphen and underscore", async (t) => {
      const longest = t.in(`${t.workspace}-_`.padEnd(63, "z"));
      await longest.append("a", newEvent());
      await t.restart();
      strictEqual((await t.in(`${t.workspace}-_`.padEnd(63, "z")).status()).head, 1n);
    });

    const wrong = ["a".repeat(64), "A", "-a", "_a", "a b", "a/b", "..", "ä", "a\n"];
    for (const name of wrong) {
      it(`may not be ${JSON.stringify(name)}`, async (t) => {
        await invalid(t.in(name).append("a", newEvent()), "workspace");
        await invalid(t.in(name).status(), "workspace");
        await invalid(t.in(name).read("a"), "workspace");
        await invalid(t.in(name).subscribe(), "workspace");
      });
    }

    it("may not be empty", async (t) => {
      throws(() => t.in(""), TypeError);
    });
  });
}

function describeStatus({ describe, it }: Contract): void {
  describe("status", () => {
    it("tells the workspace, its head, the version and the time", async (t) => {
      const { recordedAt } = await t.client.append("a", newEvents(3));
      await t.restart();
      const { workspace, head, version, time, startedAt } = await t.client.status();
      deepStrictEqual([workspace, head], [t.workspace, 3n]);
      ok(version.length > 0);
      ok(time >= recordedAt && time >= startedAt);
    });

    it("tells what the store takes at once", async (t) => {
      const { limits } = await t.in("default").status();
      const fixed = { conditionsMax: 64, filterClausesMax: 32, filterTypesMax: 64 };
      const { messageBytesMax, ...others } = limits;
      deepStrictEqual(others, { ...t.limits, ...fixed });
      const { appendBytesMax, snapshotBytesMax } = t.limits;
      const leastMax = 16 * 1024 * 1024;
      strictEqual(messageBytesMax, Math.max(leastMax, 4 * appendBytesMax, 4 * snapshotBytesMax));
    });
  });
}
