import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { AppendResult, Filter } from "@varve/client";
import { invalid, rejects, violates } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents } from "./events.js";
import type { TestCase } from "./test-case.js";

const seatTaken = { types: ["seat.Taken"], tags: ["seat:A1"] };

/** Conditions that no event matches a filter: dynamic consistency boundaries. */
export function describeQueryConditions({ describe, it }: Contract): void {
  describe("a query condition", () => {
    it("holds if no event matches, in an empty log and in another", async (t) => {
      await appendIfNone(t, seatTaken);
      await appendIfNone(t, seatTaken);
      await t.client.append("seat-2", newEvent({ type: "seat.Taken", tags: ["seat:A2"] }));
      await t.restart();
      await appendIfNone(t, seatTaken);
      strictEqual((await t.client.status()).head, 4n);
    });

    it("is violated by an event that matches, and tells the first", async (t) => {
      await takeSeat(t);
      const { head } = await violates(appendIfNone(t, seatTaken), found(3n));
      strictEqual(head, 4n);
      await t.restart();
      await violates(appendIfNone(t, seatTaken), found(3n));
      strictEqual((await t.client.status()).head, 4n);
    });

    it("takes into account only what is after its position, exclusive", async (t) => {
      await takeSeat(t);
      await t.restart();
      await violates(appendIfNone(t, seatTaken, 0n), found(3n));
      await violates(appendIfNone(t, seatTaken, 2n), found(3n));
      await violates(appendIfNone(t, seatTaken, 3n), found(4n));
      strictEqual((await appendIfNone(t, seatTaken, 4n)).firstPosition, 5n);
    });

    it("sees what came since it was last asked, however much lies between", async (t) => {
      await takeSeat(t);
      await t.client.append("hall", newEvents(600));
      strictEqual((await appendIfNone(t, seatTaken, 4n)).firstPosition, 605n);
      await t.client.append("seat-1", newEvent({ type: "seat.Taken", tags: ["seat:A1"] }));
      await t.client.append("hall", newEvents(600));
      await violates(appendIfNone(t, seatTaken, 4n), found(606n));
      strictEqual((await appendIfNone(t, seatTaken, 606n)).firstPosition, 1207n);
    });

    it("takes the head that its violation told as its next position", async (t) => {
      await takeSeat(t);
      const { head } = await violates(appendIfNone(t, seatTaken), found(3n));
      await t.restart();
      strictEqual((await appendIfNone(t, seatTaken, head)).firstPosition, 5n);
    });

    it("does not see the events of its own append", async (t) => {
      const event = newEvent({ type: "seat.Taken", tags: ["seat:A1"] });
      const conditions = [{ noEventMatches: seatTaken }];
      strictEqual((await t.client.append("seat-1", [event, event], { conditions })).repeat, false);
      await violates(t.client.append("seat-2", event, { conditions }), found(1n));
    });

    it("with a filter that matches everything keeps out whoever has not seen all", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.restart();
      const violation = { kind: "query", condition: 0, type: "thing.Happened" } as const;
      const append = appendIfNone(t, {}, 1n);
      await violates(append, { ...violation, position: 2n, stream: "a" });
      await violates(appendIfNone(t, {}), { ...violation, position: 1n, stream: "a" });
      strictEqual((await appendIfNone(t, {}, 2n)).firstPosition, 3n);
    });

    it("tells each one's own match", async (t) => {
      await takeSeat(t);
      const conditions = [
        { noEventMatches: { stream: "hall" } },
        { noEventMatches: { stream: "none" } },
        { noEventMatches: seatTaken, after: 3n },
      ];
      const first = { kind: "query", condition: 0, position: 1n } as const;
      await violates(
        t.client.append("a", newEvent(), { conditions }),
        { ...first, type: "thing.Happened", stream: "hall" },
        { ...found(4n), condition: 2 },
      );
    });

    it("is refused with a position beyond the head, and nothing is stored", async (t) => {
      await t.client.append("a", newEvents(2));
      await t.restart();
      const error = await rejects(appendIfNone(t, seatTaken, 3n), "POSITION_AHEAD_OF_HEAD");
      deepStrictEqual({ ...error.metadata }, { position: "3", head: "2" });
      strictEqual((await t.client.status()).head, 2n);
    });

    it("must have a filter that keeps the rules", async (t) => {
      const append = appendIfNone(t, [{ types: ["a"] }, { stream: "$" }]);
      await invalid(append, "conditions[0].query.filter.any_of[1].stream");
    });
  });
}

/** Two events that do not matter, and at positions 3 and 4 two that match. */
async function takeSeat(t: TestCase): Promise<void> {
  const taken = newEvent({ type: "seat.Taken", tags: ["hall:1", "seat:A1"] });
  await t.client.append("hall", newEvents(2));
  await t.client.append("seat-1", taken);
  await t.client.append("seat-1", taken);
}

function appendIfNone(t: TestCase, filter: Filter, after?: bigint): Promise<AppendResult> {
  const condition = { noEventMatches: filter, ...(after !== undefined && { after }) };
  return t.client.append("elsewhere", newEvent(), { conditions: [condition] });
}

function found(position: bigint) {
  return { kind: "query", condition: 0, position, type: "seat.Taken", stream: "seat-1" } as const;
}
