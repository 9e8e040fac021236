import { createTestStore, given } from "@varve/testing";
import { describe, expect, it } from "vitest";
import "@varve/testing/vitest";
import { execute } from "./execute.ts";
import { importOrders, type LegacyOrder } from "./import-orders.ts";

const lines = [{ sku: "lamp", quantity: 2, priceCents: 4_000 }];
const open: LegacyOrder = { number: "1", customer: "Ada", lines };
const done: LegacyOrder = { number: "2", customer: "Bo", lines, paidCents: 8_000, parcel: "P-1" };

describe("an import", () => {
  it("makes the events of each order", async () => {
    await given()
      .when((store) => importOrders(store, [open, done]))
      .then(
        { stream: "order-1", type: "order.Placed", data: { customer: "Ada", lines } },
        { stream: "order-2", type: "order.Placed", metadata: { actor: "import" } },
        { stream: "order-2", type: "order.Paid", data: { amountCents: 8_000 } },
        { stream: "order-2", type: "order.Shipped", data: { parcel: "P-1" } },
      );
  });

  it("stores nothing twice when it is run again", async () => {
    await using store = createTestStore();
    expect(await importOrders(store, [open])).toEqual({ imported: 1, repeated: 0 });
    expect(await importOrders(store, [open, done])).toEqual({ imported: 1, repeated: 1 });
    await expect(store).toBeAtRevision("order-1", 0);
  });

  it("stores nothing twice when only the answer was lost", async () => {
    await using store = createTestStore();
    store.faults.failNextAppend("UNAVAILABLE", { after: "commit" });
    await importOrders(store, [done]);
    await expect(store).toBeAtRevision("order-2", 2);
  });

  // As it is when the store no longer remembers the append ids.
  it("leaves alone an order that is there without it", async () => {
    await using store = createTestStore();
    await execute(store, "1", { type: "Place", customer: "Ada", lines });
    expect(await importOrders(store, [open])).toEqual({ imported: 0, repeated: 1 });
    await expect(store).toBeAtRevision("order-1", 0);
  });

  it("leaves alone what has happened since", async () => {
    await using store = createTestStore();
    await importOrders(store, [open]);
    await execute(store, "1", { type: "Pay", amountCents: 8_000 });
    await importOrders(store, [open]);
    await expect(store).toHaveAppended("order-1", [
      { type: "order.Placed" },
      { type: "order.Paid" },
    ]);
  });

  it("refuses an order that has changed since", async () => {
    await using store = createTestStore();
    await importOrders(store, [open]);
    const changed = importOrders(store, [{ ...open, customer: "Eve" }]);
    await expect(changed).rejects.toMatchObject({ reason: "APPEND_ID_REUSED" });
  });
});
