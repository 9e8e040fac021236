import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { invalid, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, positions, range } from "./events.js";
import type { TestCase } from "./test-case.js";

const MIB = 2 ** 20;

/**
 * What is larger than a message may be. A client that sent it would have its call ended,
 * and with it whatever else is on its way; it must be told of its mistake, and alone.
 */
export function describeOversize({ describe, it }: Contract): void {
  describe("what is larger than a message may be", () => {
    it("is refused as an append, and its neighbours are stored", async (t) => {
      await t.client.append("b", newEvent());
      const size = await messageBytes(t);
      const count = Math.ceil(size / MIB) + 1;
      const events = range(1, count).map(() => newEvent({ data: new Uint8Array(MIB) }));
      const neighbours = range(1, 10).map((n) => t.client.append(`s-${n}`, newEvent()));
      const tooLarge = t.client.append("a", events);
      neighbours.push(...range(11, 20).map((n) => t.client.append(`s-${n}`, newEvent())));
      const { metadata } = await rejects(tooLarge, "APPEND_TOO_LARGE");
      deepStrictEqual(
        [metadata.limit, metadata.maximum],
        ["appendBytesMax", String(t.limits.appendBytesMax)],
      );
      ok(Number(metadata.actual) > size);
      await Promise.all(neighbours);
      await t.restart();
      strictEqual((await t.client.append("b", newEvent())).lastPosition, 22n);
      strictEqual(await t.client.getStream("a"), undefined);
    });

    it("is refused as a snapshot, and appends go on", async (t) => {
      await t.client.append("a", newEvent());
      const data = new Uint8Array((await messageBytes(t)) + 1);
      const snapshot = { stream: "a", revision: 0, schemaType: "s", data };
      const saving = t.client.saveSnapshot(snapshot);
      const appends = range(1, 10).map(() => t.client.append("a", newEvent()));
      await invalid(saving, "snapshot.data");
      await Promise.all(appends);
      await t.restart();
      strictEqual((await t.client.append("a", newEvent())).lastPosition, 12n);
      strictEqual(await t.client.getSnapshot("a"), undefined);
    });

    it("is refused as a condition, however few bytes the events have", async (t) => {
      const types = range(1, 64).map((n) => `${n}${"x".repeat(Math.ceil(MIB / 4))}`);
      const conditions = range(1, 2).map(() => ({ noEventMatches: { types } }));
      await rejects(t.client.append("a", newEvent(), { conditions }), "APPEND_TOO_LARGE");
      await t.client.append("a", newEvent());
      const following = t.follow();
      await following.untilEvents(1);
      deepStrictEqual(positions(following.events), [1]);
    });
  });
}

/** Bytes that a message of the store's transport may have. */
async function messageBytes(t: TestCase): Promise<number> {
  const { limits } = await t.client.status();
  return limits?.messageBytesMax ?? 16 * MIB;
}
