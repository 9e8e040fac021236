import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { AppendResult, NewStreamEvent } from "@varve/client";
import { invalid, rejects, violates } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, range } from "./events.js";
import type { TestCase } from "./test-case.js";

/** An append that is the same each time it is made: its event has an id. */
interface SameAppend {
  readonly appendId: string;
  readonly event: NewStreamEvent;
}

/** An append id makes a retry safe. */
export function describeAppendIds({ describe, it }: Contract): void {
  describe("append ids", () => {
    it("make a repeat return the first result, marked, and store nothing", async (t) => {
      const append = newAppend();
      const first = await send(t, append);
      strictEqual(first.repeat, false);
      await t.restart();
      await t.client.append("order-1", newEvent());
      deepStrictEqual(await send(t, append), { ...first, repeat: true });
      await t.restart();
      deepStrictEqual(await send(t, append), { ...first, repeat: true });
      strictEqual((await t.client.status()).head, 2n);
    });

    it("make a repeat return the first result though its condition no longer holds", async (t) => {
      const { appendId, event } = newAppend();
      const options = { appendId, expect: "no-stream" } as const;
      const first = await t.client.append("order-1", event, options);
      await t.restart();
      const repeat = await t.client.append("order-1", event, options);
      deepStrictEqual(repeat, { ...first, repeat: true });
    });

    it("make a repeat of an append to several streams return all of them", async (t) => {
      const { appendId, event } = newAppend();
      const events = ["b", "a", "b"].map((stream) => ({ ...event, stream }));
      const first = await t.client.appendMany(events, { appendId });
      await t.restart();
      const repeat = await t.client.appendMany(events, { appendId });
      deepStrictEqual(repeat, { ...first, repeat: true });
      strictEqual(repeat.streams.length, 2);
    });

    // A program that was restarted makes its append again, and has no ids to give.
    it("make a repeat of an append whose events have no ids, also by another process", async (t) => {
      const appendId = crypto.randomUUID();
      const events = () => range(0, 2).map((data) => newEvent({ data }));
      const first = await t.client.append("order-1", events(), { appendId });
      await t.restart();
      deepStrictEqual(await t.client.append("order-1", events(), { appendId }), {
        ...first,
        repeat: true,
      });
      const stored = await t.client.read("order-1").toArray();
      strictEqual(new Set(stored.map(({ id }) => id)).size, 3);
      const other = t.client.append("order-1", events().toReversed(), { appendId });
      await rejects(other, "APPEND_ID_REUSED");
    });

    it("are refused for other content, and nothing is stored", async (t) => {
      const { appendId, event } = newAppend();
      await send(t, { appendId, event });
      const other: readonly NewStreamEvent[][] = [
        [{ ...event, data: { quantity: 2 } }],
        [{ ...event, type: "order.Paid" }],
        [{ ...event, stream: "order-2" }],
        [{ ...event, tags: ["other"] }],
        [{ ...event, metadata: { actor: "Ada" } }],
        [{ ...event, id: crypto.randomUUID() }],
        [event, event],
      ];
      for (const events of other) {
        await t.client.status();
        await rejects(t.client.appendMany(events, { appendId }), "APPEND_ID_REUSED");
      }
      await t.restart();
      for (const events of other) {
        await rejects(t.client.appendMany(events, { appendId }), "APPEND_ID_REUSED");
      }
      strictEqual((await t.client.status()).head, 1n);
    });

    it("are refused for other conditions", async (t) => {
      const append = newAppend();
      await send(t, append);
      const { appendId, event } = append;
      const conditions = [{ stream: "order-1", expect: 0 }];
      const reused = t.client.appendMany([event], { appendId, conditions });
      await rejects(reused, "APPEND_ID_REUSED");
    });

    it("mean the same in capital letters", async (t) => {
      const append = newAppend();
      const first = await send(t, append);
      await t.restart();
      const repeat = await send(t, { ...append, appendId: append.appendId.toUpperCase() });
      deepStrictEqual(repeat, { ...first, repeat: true });
    });

    it("mean the same if the id of an event is in capital letters", async (t) => {
      const { appendId, event } = newAppend();
      const id = crypto.randomUUID();
      const capital = { ...event, id: id.toUpperCase() };
      const first = await send(t, { appendId, event: capital });
      await t.restart();
      const repeat = await send(t, { appendId, event: { ...event, id } });
      deepStrictEqual(repeat, { ...first, repeat: true });
      const [stored] = await t.client.read("order-1").toArray();
      strictEqual(stored?.id, capital.id);
    });

    it("are of one workspace", async (t) => {
      const append = newAppend();
      await send(t, append);
      const other = t.in(`${t.workspace}-other`);
      const { appendId, event } = append;
      const changed = { ...event, data: "changed" };
      strictEqual((await other.appendMany([changed], { appendId })).repeat, false);
      await t.restart();
      strictEqual((await send(t, append)).repeat, true);
      const again = await t.in(`${t.workspace}-other`).appendMany([changed], { appendId });
      strictEqual(again.repeat, true);
    });

    it("are not taken by an append that was refused: it is decided anew", async (t) => {
      const { appendId, event } = newAppend();
      const options = { appendId, conditions: [{ stream: "customer-1", expect: 0 }] };
      const violation = { kind: "stream", condition: 0, stream: "customer-1" } as const;
      await violates(t.client.append("order-1", event, options), {
        ...violation,
        expected: 0n,
        actual: undefined,
      });
      await t.client.append("customer-1", newEvent());
      await t.restart();
      strictEqual((await t.client.append("order-1", event, options)).repeat, false);
    });

    it("store once what is sent many times at once", async (t) => {
      const append = newAppend();
      const results = await Promise.all(range(1, 20).map(() => send(t, append)));
      strictEqual(results.filter(({ repeat }) => !repeat).length, 1);
      strictEqual(new Set(results.map(({ firstPosition }) => firstPosition)).size, 1);
      await t.restart();
      strictEqual((await t.client.status()).head, 1n);
    });

    it("are new for every append that names none", async (t) => {
      const { event } = newAppend();
      strictEqual((await t.client.append("order-1", event)).repeat, false);
      strictEqual((await t.client.append("order-1", event)).repeat, false);
      strictEqual((await t.client.status()).head, 2n);
    });

    it("must be UUIDs", async (t) => {
      const { event } = newAppend();
      await invalid(send(t, { appendId: "retry-1", event }), "append_id");
    });
  });
}

function newAppend(): SameAppend {
  const event = { stream: "order-1", id: crypto.randomUUID(), data: { quantity: 1 } };
  return { appendId: crypto.randomUUID(), event: { type: "order.Placed", ...event } };
}

function send(t: TestCase, { appendId, event }: SameAppend): Promise<AppendResult> {
  return t.client.appendMany([event], { appendId });
}
