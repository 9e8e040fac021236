import { deepStrictEqual, rejects as rejectsWith, strictEqual } from "node:assert/strict";
import { Readable } from "node:stream";
import type { EventStoreClient, RecordedEvent } from "@varve/client";
import type { Contract } from "./contract.js";
import { newEvents } from "./events.js";
import type { TestCase } from "./test-case.js";

const DONE = { done: true, value: undefined };

/** Iterations that stay open while nothing happens, and how many items come before that. */
const silent: readonly (readonly [
  name: string,
  begin: (client: EventStoreClient) => AsyncIterable<unknown>,
  items: number,
])[] = [
  ["a subscription", (client) => client.subscribe(), 2],
  ["the frames of a subscription", (client) => client.subscribe().frames(), 3],
];

/** Iterations that come to an end, left before it. */
const finite: readonly (readonly [
  name: string,
  begin: (client: EventStoreClient) => AsyncIterable<unknown>,
])[] = [
  ["a read", (client) => client.read("a")],
  ["a replay", (client) => client.replay()],
  ["a listing", (client) => client.listStreams()],
];

/** Iterations that their consumer leaves: they are over at once, whatever is on its way. */
export function describeLeaving(contract: Contract): void {
  describeSilent(contract);
  describeFinite(contract);
}

function describeSilent({ describe, it }: Contract): void {
  describe("an iteration that is returned while nothing happens", () => {
    for (const [name, begin, items] of silent) {
      it(`ends at once, with the next that is pending: ${name}`, async (t) => {
        const [iterator, pending] = await waiting(t, begin, items);
        deepStrictEqual(await iterator.return?.(), DONE);
        deepStrictEqual(await pending, DONE);
        deepStrictEqual(await iterator.next(), DONE);
      });

      it(`rejects at once if something is thrown into it: ${name}`, async (t) => {
        const [iterator, pending] = await waiting(t, begin, items);
        const failure = new Error("thrown into it");
        await rejectsWith(async () => iterator.throw?.(failure), failure);
        deepStrictEqual(await pending, DONE);
      });

      it(`ends with the stream that was made of it: ${name}`, async (t) => {
        await t.client.append("a", newEvents(2));
        const stream = Readable.from(begin(t.client));
        const closed = new Promise((resolve) => stream.once("close", resolve));
        let count = 0;
        await new Promise<void>((resolve) => {
          stream.on("data", () => {
            count += 1;
            if (count === items) resolve();
          });
        });
        stream.destroy();
        await closed;
        strictEqual(stream.errored, null);
      });
    }
  });
}

function describeFinite({ describe, it }: Contract): void {
  describe("an iteration that is left before its end", () => {
    for (const [name, begin] of [...silent, ...finite]) {
      it(`delivers nothing more: ${name}`, async (t) => {
        await t.client.append("a", newEvents(2));
        await t.client.append("b", newEvents(2));
        const iterator = begin(t.client)[Symbol.asyncIterator]();
        strictEqual((await iterator.next()).done, false);
        deepStrictEqual(await iterator.return?.(), DONE);
        deepStrictEqual(await iterator.next(), DONE);
      });

      it(`delivers nothing if nothing was asked for: ${name}`, async (t) => {
        await t.client.append("a", newEvents(2));
        const iterator = begin(t.client)[Symbol.asyncIterator]();
        deepStrictEqual(await iterator.return?.(), DONE);
        deepStrictEqual(await iterator.next(), DONE);
      });
    }

    it("delivers in order to those who ask for several at once", async (t) => {
      await t.client.append("a", newEvents(3));
      const iterator = t.client.read("a")[Symbol.asyncIterator]();
      const asked: Promise<IteratorResult<RecordedEvent, unknown>>[] = [];
      for (let i = 0; i < 4; i++) asked.push(iterator.next());
      const revisions = (await Promise.all(asked)).map(({ done, value }) =>
        done === true ? undefined : (value as RecordedEvent).revision,
      );
      deepStrictEqual(revisions, [0n, 1n, 2n, undefined]);
    });
  });
}

/** An iterator that has delivered what there is, and somebody who waits for more. */
async function waiting(
  t: TestCase,
  begin: (client: EventStoreClient) => AsyncIterable<unknown>,
  items: number,
): Promise<readonly [AsyncIterator<unknown>, Promise<IteratorResult<unknown>>]> {
  await t.client.append("a", newEvents(2));
  await t.restart();
  const iterator = begin(t.client)[Symbol.asyncIterator]();
  for (let i = 0; i < items; i++) await iterator.next();
  const pending = iterator.next();
  return [iterator, pending];
}
