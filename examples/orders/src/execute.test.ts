import { ConditionFailedError } from "@varve/client";
import { createTestStore, given } from "@varve/testing";
import { describe, expect, it } from "vitest";
import "@varve/testing/vitest";
import { execute } from "./execute.ts";
import { OrderRefusedError } from "./order.ts";

const lines = [{ sku: "lamp", quantity: 2, priceCents: 4_000 }];
const place = { type: "Place", customer: "Ada", lines } as const;
const stream = "order-1";
const placed = { stream, type: "order.Placed", data: { customer: "Ada", lines } };
const paid = { stream, type: "order.Paid", data: { amountCents: 8_000 } };

describe("a command", () => {
  it("appends what was decided to the order's stream", async () => {
    await given()
      .when((store) => execute(store, "1", place))
      .then({ ...placed, revision: 0n });
  });

  it("is decided from what the stream holds", async () => {
    await given(placed, paid)
      .when((store) => execute(store, "1", { type: "Ship", parcel: "P-1" }))
      .then({ stream, type: "order.Shipped", data: { parcel: "P-1" }, revision: 2n });
  });

  it("appends nothing if it is refused", async () => {
    await given(placed)
      .when((store) => execute(store, "1", { type: "Ship", parcel: "P-1" }))
      .then(OrderRefusedError);
  });

  it("appends nothing if nothing happens", async () => {
    await given(placed, { stream, type: "order.Cancelled", data: { reason: "too late" } })
      .when((store) => execute(store, "1", { type: "Cancel", reason: "again" }))
      .thenNothing();
  });
});

describe("a command that comes second", () => {
  it("is decided anew, and stored once", async () => {
    await using store = createTestStore();
    await execute(store, "1", place);
    store.faults.conflictOnce(stream);

    await execute(store, "1", { type: "Pay", amountCents: 8_000 });

    await expect(store).toHaveAppended(stream, paid, { after: 0 });
  });

  it("is decided from what came first", async () => {
    await using store = createTestStore();
    await execute(store, "1", place);
    const slow = {
      read: store.read.bind(store),
      append: async (...args: Parameters<typeof store.append>) => {
        // Between its read and its append, another command is carried out.
        await execute(store, "1", { type: "Cancel", reason: "too late" });
        return store.append(...args);
      },
    };

    const paying = execute(slow, "1", { type: "Pay", amountCents: 8_000 });

    await expect(paying).rejects.toThrow("the order is cancelled");
    await expect(store).toBeAtRevision(stream, 1);
  });

  it("gives up if it is second every time", async () => {
    await given(placed)
      .when((store) => {
        store.faults.conflictOnce(stream);
        return execute(store, "1", { type: "Pay", amountCents: 1 }, { retriesMax: 0 });
      })
      .then(ConditionFailedError);
  });

  it("waits its turn, whoever else is there", async () => {
    await using store = createTestStore();
    await execute(store, "1", place);
    const pay = { type: "Pay", amountCents: 2_000 } as const;

    await Promise.all(Array.from({ length: 4 }, () => execute(store, "1", pay, { retriesMax: 4 })));

    await expect(store).toBeAtRevision(stream, 4);
    await expect(execute(store, "1", pay)).rejects.toThrow("only 0 cents are due");
  });
});
