import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { NewSnapshot, ReadOptions, Snapshot } from "@varve/client";
import { invalid, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, range, revisions } from "./events.js";
import type { TestCase } from "./test-case.js";

const SCHEMA = "order-state/1";

/** Saved states of streams. */
export function describeSnapshots(contract: Contract): void {
  describeSave(contract);
  describeReadFromSnapshot(contract);
}

function describeSave({ describe, it }: Contract): void {
  describe("a snapshot", () => {
    it("is got as it was saved", async (t) => {
      await t.client.append("a", newEvents(3));
      const snapshot = { ...at(1), data: { open: ["x"], total: 1.5 } };
      strictEqual(await t.client.saveSnapshot(snapshot), true);
      await t.restart();
      const saved = await t.client.getSnapshot("a");
      const { savedAt, data, bytes: _, ...fields } = fieldsOf(saved);
      const { data: sent, ...expected } = snapshot;
      deepStrictEqual(fields, { ...expected, contentType: "application/json" });
      deepStrictEqual(data, sent);
      ok(savedAt <= (await t.client.status()).time);
    });

    it("may be bytes of any kind", async (t) => {
      await t.client.append("a", newEvent());
      const data = Uint8Array.from(range(0, 255));
      await t.client.saveSnapshot({ ...at(0), data, contentType: "application/x-state" });
      await t.restart();
      const saved = fieldsOf(await t.client.getSnapshot("a"));
      deepStrictEqual([...saved.bytes], [...data]);
      strictEqual(saved.contentType, "application/x-state");
    });

    it("is none before one is saved, and of one stream only", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.client.append("a-1", newEvents(3));
      strictEqual(await t.client.getSnapshot("a"), undefined);
      strictEqual(await t.client.getSnapshot("none"), undefined);
      await t.client.saveSnapshot(at(2));
      strictEqual(await t.client.getSnapshot("a-1"), undefined);
    });

    it("takes the place of one of the same or a lower revision", async (t) => {
      await t.client.append("a", newEvents(3));
      for (const [revision, data] of [
        [0, "first"],
        [1, "second"],
        [1, "third"],
      ] as const) {
        strictEqual(await t.client.saveSnapshot({ ...at(revision), data }), true);
        await t.restart();
        strictEqual((await t.client.getSnapshot("a"))?.data, data);
      }
    });

    it("gives way to one of a higher revision, unless its schema type is another", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.client.saveSnapshot(at(2));
      await t.restart();
      strictEqual(await t.client.saveSnapshot(at(1)), false);
      strictEqual((await t.client.getSnapshot("a"))?.revision, 2n);
      const other = { ...at(0), schemaType: "order-state/2" };
      strictEqual(await t.client.saveSnapshot(other), true);
      await t.restart();
      const { revision, schemaType } = fieldsOf(await t.client.getSnapshot("a"));
      deepStrictEqual([revision, schemaType], [0n, "order-state/2"]);
    });

    it("of many at once is the one of the highest revision", async (t) => {
      await t.client.append("a", newEvents(10));
      const order = [3, 7, 1, 9, 0, 8, 2, 9, 5];
      const saved = order.map((revision) => t.client.saveSnapshot(at(revision)));
      ok((await Promise.all(saved)).includes(true));
      await t.restart();
      strictEqual((await t.client.getSnapshot("a"))?.revision, 9n);
    });

    it("is refused beyond the end of its stream", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.restart();
      const ahead = await rejects(t.client.saveSnapshot(at(3)), "SNAPSHOT_AHEAD_OF_STREAM");
      deepStrictEqual({ ...ahead.metadata }, { revision: "3", lastRevision: "2" });
      strictEqual(await t.client.getSnapshot("a"), undefined);
      strictEqual(await t.client.saveSnapshot(at(2)), true);
    });

    it("is refused for a stream without events", async (t) => {
      await t.client.append("a", newEvent());
      const snapshot = { ...at(0), stream: "b" };
      const error = await rejects(t.client.saveSnapshot(snapshot), "SNAPSHOT_AHEAD_OF_STREAM");
      deepStrictEqual({ ...error.metadata }, { revision: "0" });
    });

    it("is no event: the log and the stream stay as they are", async (t) => {
      await t.client.append("a", newEvents(2));
      const before = await t.client.getStream("a");
      await t.client.saveSnapshot(at(1));
      strictEqual((await t.client.status()).head, 2n);
      deepStrictEqual(await t.client.getStream("a"), before);
      strictEqual((await t.client.append("a", newEvent(), { expect: 1 })).lastPosition, 3n);
    });

    it("must have a stream and a schema type", async (t) => {
      await t.client.append("a", newEvent());
      const wrong = { ...at(0), stream: "", schemaType: "" };
      const fields = ["snapshot.stream", "snapshot.schema_type"];
      await invalid(t.client.saveSnapshot(wrong), ...fields);
      await invalid(t.client.getSnapshot(""), "stream");
    });
  });
}

function describeReadFromSnapshot({ describe, it }: Contract): void {
  /** With a snapshot at revision 3 of 0 to 5. */
  const cases: readonly (readonly [name: string, ReadOptions, bigint | undefined, number[]])[] = [
    ["starts with it, and what follows", {}, 3n, [4, 5]],
    [
      "leaves it out if its schema type is another",
      { snapshot: "order-state/2" },
      undefined,
      range(0, 5),
    ],
    ["leaves it out if it is beyond the range", { to: 2 }, undefined, [0, 1, 2]],
    ["starts with it if it is the end of the range", { to: 3 }, 3n, []],
    ["does not count it as an event", { limit: 1 }, 3n, [4]],
    ["reads what follows up to the end of the range", { to: 4 }, 3n, [4]],
  ];
  describe("a read from the snapshot", () => {
    for (const [name, options, revision, expected] of cases) {
      it(name, async (t) => {
        await t.client.append("a", newEvents(6));
        await t.client.saveSnapshot({ ...at(3), data: "state" });
        await t.restart();
        await reads(t, options, revision, expected);
      });
    }

    it("reads the whole stream if there is none", async (t) => {
      await t.client.append("a", newEvents(3));
      await reads(t, {}, undefined, [0, 1, 2]);
    });

    it("reads no event if it is of the last revision", async (t) => {
      await t.client.append("a", newEvents(3));
      await t.client.saveSnapshot({ ...at(2), data: "state" });
      await t.restart();
      await reads(t, {}, 2n, []);
      await t.client.append("a", newEvent());
      await reads(t, {}, 2n, [3]);
    });

    it("leaves it out as of a time when its last event was not yet there", async (t) => {
      const { recordedAt: before } = await t.client.append("a", newEvents(2));
      await t.tick();
      const { recordedAt: since } = await t.client.append("a", newEvents(2));
      await t.client.saveSnapshot({ ...at(2), data: "state" });
      await t.restart();
      await reads(t, { asOf: before }, undefined, [0, 1]);
      await reads(t, { asOf: since }, 2n, [3]);
    });

    it("answers that a stream without events does not exist", async (t) => {
      await t.client.append("a", newEvent());
      const header = await t.client.read("b", { snapshot: SCHEMA }).header;
      deepStrictEqual(header, { exists: false, expect: "no-stream", head: 1n });
    });

    it("must name a schema type", async (t) => {
      await t.client.append("a", newEvent());
      const field = "use_snapshot.schema_type";
      await invalid(t.client.read("a", { snapshot: "" }), field);
    });
  });
}

function at(revision: number): NewSnapshot & { readonly revision: bigint } {
  return { stream: "a", revision: BigInt(revision), schemaType: SCHEMA, data: { revision } };
}

function fieldsOf(snapshot: Snapshot | undefined): Snapshot {
  ok(snapshot);
  const { stream, revision, schemaType, data, bytes, contentType, savedAt } = snapshot;
  return { stream, revision, schemaType, data, bytes, contentType, savedAt };
}

async function reads(
  t: TestCase,
  options: ReadOptions,
  revision: bigint | undefined,
  expected: readonly number[],
): Promise<void> {
  const read = t.client.read("a", { snapshot: SCHEMA, ...options });
  const { snapshot } = await read.header;
  strictEqual(snapshot?.revision, revision);
  if (snapshot) strictEqual(snapshot.data, "state");
  deepStrictEqual(revisions(await read.toArray()), expected);
}
