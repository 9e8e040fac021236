import { createTestStore, type TestStore } from "@varve/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { execute } from "./execute.ts";
import { follow } from "./follow.ts";
import { OpenOrders } from "./open-orders.ts";

const lines = [{ sku: "lamp", quantity: 2, priceCents: 4_000 }];
const place = { type: "Place", customer: "Ada", lines } as const;

let store: TestStore;
let end: AbortController;
let following: Promise<void>;

beforeEach(() => {
  store = createTestStore();
  end = new AbortController();
  return async () => {
    end.abort();
    await following;
    await store.close();
  };
});

/** Resolves when the model has come as far as the log. */
function start(model: OpenOrders): Promise<void> {
  return new Promise((onCaughtUp) => {
    following = follow(store, model, { signal: end.signal, onCaughtUp });
  });
}

describe("a read model that follows the log", () => {
  it("takes in what there is, and then what comes", async () => {
    const model = new OpenOrders();
    await execute(store, "1", place);
    await start(model);
    expect([...model.orders.keys()]).toEqual(["order-1"]);

    await execute(store, "2", place);
    await execute(store, "1", { type: "Cancel", reason: "too late" });
    await store.idle();
    expect([...model.orders.keys()]).toEqual(["order-2"]);
  });

  it("goes on after a restart from where it was saved", async () => {
    await execute(store, "1", place);
    await execute(store, "2", place);
    const saved = { position: 1n, orders: {} };
    const model = new OpenOrders(saved);
    await start(model);
    expect([...model.orders.keys()]).toEqual(["order-2"]);
  });

  it("comes on also where no order is concerned", async () => {
    const model = new OpenOrders();
    await store.append("customer-Ada", { type: "customer.Moved" });
    await start(model);
    expect(model.orders.size).toBe(0);
    expect(model.position).toBe(1n);
  });

  it("misses nothing and takes nothing twice when connections break", async () => {
    const model = new OpenOrders();
    await start(model);
    await execute(store, "1", place);
    await store.idle();
    store.faults.dropConnections();
    await execute(store, "1", { type: "Pay", amountCents: 1_000 });
    await expect.poll(() => model.orders.get("order-1")?.paidCents).toBe(1_000);
  });

  it("says when it has caught up, and ends when it is told to", async () => {
    const model = new OpenOrders();
    await execute(store, "1", place);
    following = follow(store, model, { signal: end.signal, onCaughtUp: () => end.abort() });
    await following;
    expect(model.position).toBe(1n);
  });
});
