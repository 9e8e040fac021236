import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { NewEvent, RecordedEvent } from "@varve/client";
import { all, invalid } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, positions, range, revisions } from "./events.js";
import type { TestCase } from "./test-case.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What an append to one stream stores, and answers. */
export function describeAppend({ describe, it }: Contract): void {
  describe("append", () => {
    it("places the first event at position 1 and revision 0", async (t) => {
      const { recordedAt, ...result } = await t.client.append("order-1", newEvent());
      deepStrictEqual(result, {
        firstPosition: 1n,
        lastPosition: 1n,
        streams: [{ stream: "order-1", firstRevision: 0n, lastRevision: 0n }],
        repeat: false,
      });
      ok(recordedAt instanceof Date);
    });

    it("counts positions in the log and revisions in the stream, without gaps", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.client.append("b", newEvents(3));
      await t.restart();
      const result = await t.client.append("a", newEvents(4));
      deepStrictEqual([result.firstPosition, result.lastPosition], [6n, 9n]);
      deepStrictEqual(result.streams, [{ stream: "a", firstRevision: 2n, lastRevision: 5n }]);
      await t.restart();
      deepStrictEqual(positions(await all(t.client.replay())), range(1, 9));
      const events = await t.client.read("a").toArray();
      deepStrictEqual([positions(events), revisions(events)], [[1, 2, 6, 7, 8, 9], range(0, 5)]);
    });

    it("records one time for all events of an append: that of its result", async (t) => {
      const { recordedAt } = await t.client.append("a", newEvents(3));
      await t.restart();
      const events = await t.client.read("a").toArray();
      deepStrictEqual(
        events.map((event) => event.recordedAt),
        [recordedAt, recordedAt, recordedAt],
      );
    });

    it("records times that never decrease, by the store's clock", async (t) => {
      const times: Date[] = [];
      for (const event of newEvents(30)) {
        times.push((await t.client.append("a", event)).recordedAt);
      }
      await t.restart();
      times.push((await t.client.append("a", newEvent())).recordedAt);
      times.push((await t.client.status()).time);
      deepStrictEqual(times, times.toSorted(byTime));
    });

    it("is seen by every call that begins after it", async (t) => {
      for (const revision of range(0, 19)) {
        const { lastPosition } = await t.client.append("a", newEvent());
        const read = t.client.read("a", { backwards: true, limit: 1 });
        deepStrictEqual(positions(await read.toArray()), [Number(lastPosition)]);
        strictEqual((await t.client.status()).head, lastPosition);
        strictEqual((await t.client.getStream("a"))?.lastRevision, BigInt(revision));
        strictEqual((await t.client.replay().header).head, lastPosition);
      }
    });

    it("stores nothing of an append that is refused, and leaves no gap", async (t) => {
      await t.client.append("a", newEvent());
      const events = [newEvent(), newEvent({ type: "" }), newEvent()];
      await invalid(t.client.append("a", events), "events[1].event.type");
      await t.restart();
      strictEqual((await t.client.append("a", newEvent())).firstPosition, 2n);
      deepStrictEqual(revisions(await t.client.read("a").toArray()), [0, 1]);
    });

    it("accepts any printable name", async (t) => {
      const name = 'Straße "7"/*-☃ 🌍 a$';
      const event = { type: name.replaceAll("*", "") } as const;
      await t.client.append(name, newEvent({ ...event, tags: [name] }));
      await t.restart();
      const [stored] = await t.client.read(name).toArray();
      deepStrictEqual([stored?.stream, stored?.type], [name, event.type]);
      deepStrictEqual(stored?.tags, [name]);
    });
  });

  describe("an event", () => {
    it("is served as it was sent, in every answer", async (t) => {
      const event = {
        type: "order.Placed",
        data: { items: [{ name: "lamp", priceEur: 12.5 }], note: null },
        contentType: "application/vnd.order+json",
        metadata: { correlationId: "c-1", actor: { name: "Ada" } },
        tags: ["customer:42", "b", "a", "b"],
        id: "0197E0A2-5c1e-7cc4-9d0b-6f2a1d3c4b5A",
      };
      const { recordedAt } = await t.client.append("order-1", event);
      await t.restart();
      const expected = { ...event, stream: "order-1", position: 1n, revision: 0n, recordedAt };
      const followed = t.follow();
      await followed.untilEvents(1);
      const answers = [t.client.read("order-1").toArray(), all(t.client.replay())];
      for (const events of [...(await Promise.all(answers)), followed.events]) {
        strictEqual(events.length, 1);
        deepStrictEqual(fieldsOf(events[0]), expected);
      }
    });

    it("without data, metadata, tags and id has none, and a new id", async (t) => {
      await t.client.append("a", [{ type: "one" }, { type: "two" }]);
      const [one, two] = await t.client.read("a").toArray();
      match(String(one?.id), UUID);
      match(String(two?.id), UUID);
      ok(one?.id !== two?.id);
      const { data, metadata, tags, contentType } = fieldsOf(one);
      deepStrictEqual([data, metadata, tags], [{}, {}, []]);
      strictEqual(contentType, "application/json");
    });

    it("has any JSON value as its data", async (t) => {
      const values = [{ a: [1, { b: null }] }, [], "text ☃", "", 0, -1.5e300, false, null];
      await t.client.append(
        "a",
        values.map((data) => newEvent({ data })),
      );
      await t.restart();
      const events = await t.client.read("a").toArray();
      deepStrictEqual(
        events.map(({ data }) => data),
        values,
      );
    });

    it("has any bytes as its data", async (t) => {
      const bytes = Uint8Array.from(range(0, 255));
      const json = new TextEncoder().encode('{ "a": 1 }');
      await t.client.append("a", [
        newEvent({ data: bytes }),
        newEvent({ data: new Uint8Array(0), contentType: "image/png" }),
        newEvent({ data: json, contentType: "application/json" }),
      ]);
      await t.restart();
      const events = await t.client.read("a").toArray();
      deepStrictEqual(
        events.map(({ contentType }) => contentType),
        ["application/octet-stream", "image/png", "application/json"],
      );
      deepStrictEqual(events.map(bytesOf), [[...bytes], [], [...json]]);
      deepStrictEqual(events[2]?.data, { a: 1 });
    });

    // A trace id of 20 digits came back rounded: metadata went through a double.
    it("has metadata as the text that was sent", async (t) => {
      const text = '{"b":12345678901234567890, "a":1e400,"1":-0.0,"a":1}';
      await t.client.append("a", newEvent({ metadata: new TextEncoder().encode(text) }));
      await t.restart();
      const [stored] = await t.client.read("a").toArray();
      strictEqual(new TextDecoder().decode(stored?.metadataBytes), text);
    });

    it("may have the id of another", async (t) => {
      const event = newEvent({ id: crypto.randomUUID() });
      await t.client.append("a", [event, event]);
      await t.client.append("b", event);
      strictEqual(await headOf(t), 3n);
    });
  });
}

function fieldsOf(event: RecordedEvent | undefined): NewEvent & Record<string, unknown> {
  ok(event);
  const { position, revision, stream, recordedAt, id, type, contentType } = event;
  const { data, metadata, tags } = event as RecordedEvent & Pick<NewEvent, "data">;
  const parsed = { ...(data !== undefined && { data }), metadata, tags };
  return { position, revision, stream, recordedAt, id, type, contentType, ...parsed };
}

function bytesOf({ bytes }: RecordedEvent): number[] {
  return [...bytes];
}

function byTime(a: Date, b: Date): number {
  return a.getTime() - b.getTime();
}

async function headOf(t: TestCase): Promise<bigint> {
  return (await t.client.status()).head;
}
