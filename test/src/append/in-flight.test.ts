import type { AppendResponse } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectReason, fromConnect } from "../support/failure.js";
import { range, read, replay } from "../support/frames.js";
import {
  type AppendInit,
  atRevision,
  type ConditionInit,
  newEvent,
  newEvents,
  noMatch,
  noStream,
  ofStream,
} from "../support/requests.js";
import { startTestServer } from "../support/server.js";

interface Race {
  readonly won: readonly AppendResponse[];
  /** The head that each of the refused ones was told. */
  readonly heads: readonly bigint[];
}

/** Sends all at the same time; whatever is not stored must be a violated condition. */
async function race(
  clients: readonly StoreClient[],
  appends: readonly AppendInit[],
): Promise<Race> {
  const results = await Promise.allSettled(
    appends.map((append, i) => (clients[i % clients.length] as StoreClient).append(append)),
  );
  const lost = results.filter((result) => result.status === "rejected");
  const failures = lost.map(({ reason }) => expectReason(fromConnect(reason), "CONDITION_FAILED"));
  return {
    won: results.filter((result) => result.status === "fulfilled").map(({ value }) => value),
    heads: failures.map(({ conditions }) => conditions?.head ?? -1n),
  };
}

function hundred(stream: string, ...conditions: ConditionInit[]): AppendInit[] {
  return range(1, 100).map(() => ({ events: [newEvent(stream)], conditions }));
}

describe("appends in flight at the same time", () => {
  it("exactly one of 100 that expect the same revision is stored", async () => {
    const { client, connect } = await startTestServer();
    await client.append({ events: newEvents("order-1", 3) });
    const clients = [client, connect(), connect(), connect()];
    const { won, heads } = await race(clients, hundred("order-1", atRevision("order-1", 2)));
    expect(won).toHaveLength(1);
    expect(new Set(heads)).toEqual(new Set([4n]));
    expect((await read(client, { stream: "order-1" })).events).toHaveLength(4);
  });

  it("exactly one of 100 that expect no stream is stored", async () => {
    const { client } = await startTestServer();
    const { won } = await race([client], hundred("order-1", noStream("order-1")));
    expect(won).toHaveLength(1);
    expect((await read(client, { stream: "order-1" })).events).toHaveLength(1);
  });

  it("exactly one of 100 that expect no event of a type is stored", async () => {
    const { client, connect } = await startTestServer();
    const appends = range(1, 100).map((n) => ({
      events: [newEvent(`seat-${n}`, { type: "seat.Taken", tags: ["seat:A1"] })],
      conditions: [noMatch([{ types: ["seat.Taken"], tags: ["seat:A1"] }], 0)],
    }));
    const { won, heads } = await race([client, connect()], appends);
    expect(won).toHaveLength(1);
    expect(new Set(heads)).toEqual(new Set([1n]));
    expect((await client.getStatus({})).head).toBe(1n);
  });

  it("those that write each other's streams are decided one after the other", async () => {
    const { client } = await startTestServer();
    // Each stores its own stream, if the other's has no event yet: at most one of a pair can.
    const appends = range(0, 49).flatMap((n) => [
      { events: [newEvent(`left-${n}`)], conditions: [noStream(`right-${n}`)] },
      { events: [newEvent(`right-${n}`)], conditions: [noMatch([ofStream(`left-${n}`)])] },
    ]);
    const { won } = await race([client], appends);
    expect(won).toHaveLength(50);
    const { events } = await replay(client);
    const pairs = events.map(({ stream }) => stream.slice(stream.indexOf("-")));
    expect(new Set(pairs).size).toBe(50);
  });

  it("a counter that retries its conflicts counts every increment once", async () => {
    const { client, connect } = await startTestServer();
    await client.append({ events: [newEvent("counter")] });
    const increment = async (writer: StoreClient): Promise<void> => {
      for (let stored = 0; stored < 25; ) {
        const last = (await writer.getStream({ stream: "counter" })).info?.lastRevision ?? -1n;
        const conditions = [atRevision("counter", last)];
        const { won } = await race([writer], [{ events: [newEvent("counter")], conditions }]);
        stored += won.length;
      }
    };
    await Promise.all([client, connect(), connect(), connect()].map(increment));
    expect((await client.getStream({ stream: "counter" })).info?.lastRevision).toBe(100n);
  });

  it("a number that is given out under a query condition is given out once", async () => {
    const { client, connect } = await startTestServer();
    const anyOf = [{ types: ["number.Taken"] }];
    const take = async (writer: StoreClient, name: string): Promise<void> => {
      for (let stored = 0; stored < 20; ) {
        const { events, header } = await replay(writer, { filter: { anyOf } });
        const fields = { type: "number.Taken", data: String(events.length) };
        const conditions = [noMatch(anyOf, header.head)];
        const append = { events: [newEvent(name, fields), newEvent("noise")], conditions };
        stored += (await race([writer], [append])).won.length;
      }
    };
    const writers = [client, connect(), connect()];
    await Promise.all(writers.map((writer, i) => take(writer, `writer-${i}`)));
    const { events } = await replay(client, { filter: { anyOf } });
    const numbers = events.map(({ event }) => Number(Buffer.from(event?.data ?? []).toString()));
    expect(numbers).toEqual(range(0, 59));
  });

  it("unconditional ones to one stream are all stored", async () => {
    const { client, connect } = await startTestServer();
    const { won } = await race([client, connect(), connect()], hundred("s"));
    expect(won.map(({ firstPosition }) => Number(firstPosition)).toSorted((a, b) => a - b)).toEqual(
      range(1, 100),
    );
  });
});
