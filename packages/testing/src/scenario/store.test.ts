import { AssertionError } from "node:assert";
import { ConditionFailedError, type EventStoreClient } from "@varve/client";
import { describe, expect, it } from "vitest";
import { createTestClock } from "../clock.js";
import { given, storeScenario } from "./store.js";

const placed = { stream: "order-1", type: "order.Placed", data: { item: "lamp" } };

async function ship(store: EventStoreClient, stream: string): Promise<void> {
  const { exists, lastRevision } = await store.read(stream).header;
  if (!exists || lastRevision === undefined) throw new RangeError(`there is no ${stream}`);
  const shipped = { type: "order.Shipped", data: { by: "mail" }, tags: ["parcel"] };
  await store.append(stream, shipped, { expect: lastRevision });
}

describe("the scenario of a command handler", () => {
  it("expects what was appended, without what was given", async () => {
    await given(placed)
      .when((store) => ship(store, "order-1"))
      .then({ stream: "order-1", type: "order.Shipped", data: { by: "mail" } });
  });

  it("compares of an event only what is given", async () => {
    const shipping = given(placed).when((store) => ship(store, "order-1"));
    await shipping.then({ type: "order.Shipped" });
    await shipping.then({ type: "order.Shipped", tags: ["parcel"], revision: 1n, position: 2n });
    await shipping.then({ events: [{ type: "order.Shipped", metadata: {} }] });
    await expect(shipping.then({ type: "order.Shipped", tags: [] })).rejects.toThrow(
      AssertionError,
    );
    await expect(shipping.then({ stream: "order-2", type: "order.Shipped" })).rejects.toThrow(
      "The events are not those that were expected",
    );
  });

  it("sees the events of all streams in the order of the log", async () => {
    await given()
      .when(async (store) => {
        await store.append("b", { type: "first" });
        await store.append("a", { type: "second" });
      })
      .then({ stream: "b", type: "first" }, { stream: "a", type: "second" });
  });

  it("expects nothing, or an error", async () => {
    await given()
      .when(() => undefined)
      .thenNothing();
    await given()
      .when((store) => ship(store, "order-1"))
      .then(RangeError);
    await given(placed)
      .when((store) => store.append("order-1", { type: "x" }, { expect: "no-stream" }))
      .thenError(ConditionFailedError, (error) => error.violations.length === 1);
  });

  it("tells of events that were appended before an error", async () => {
    const failing = given().when(async (store) => {
      await store.append("order-1", { type: "order.Placed" });
      throw new RangeError("too late");
    });
    await expect(failing.thenError(RangeError)).rejects.toThrow(
      "It failed as expected. Expected no event, there came 1 event",
    );
    await failing.then({ error: RangeError, events: [{ type: "order.Placed" }] });
  });

  it("tells of an error where events were expected", async () => {
    const check = given()
      .when((store) => ship(store, "order-1"))
      .then({ type: "order.Shipped" });
    await expect(check).rejects.toThrow("but it failed: RangeError: there is no order-1");
  });

  it("fails if it is awaited before it says what to expect", async () => {
    const scene: unknown = given(placed).when((store) => ship(store, "order-1"));
    await expect(Promise.resolve(scene)).rejects.toThrow("before it said what to expect");
  });

  it("looks at what was appended without the faults that the command left behind", async () => {
    await given(placed)
      .when(async (store) => {
        await ship(store, "order-1");
        store.faults.delay(2 ** 31 - 1);
      })
      .then({ type: "order.Shipped" });
  });

  it("lets a command run into faults", async () => {
    await given(placed)
      .when((store) => {
        store.faults.conflictOnce("order-1");
        return ship(store, "order-1");
      })
      .then(ConditionFailedError);
  });
});

describe("a scenario on a store with options", () => {
  it("passes them on", async () => {
    const clock = createTestClock(new Date("2030-01-01T00:00:00Z"));
    await storeScenario({ clock })
      .given(placed)
      .when(async (store) => {
        const found = await store.getStream("order-1");
        await store.append("order-2", {
          type: "Copied",
          data: found?.firstRecordedAt.getTime() ?? 0,
        });
      })
      .then({ type: "Copied", data: Date.UTC(2030, 0, 1) });
  });
});
