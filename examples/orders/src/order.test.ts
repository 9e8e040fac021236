import { scenario } from "@varve/testing";
import { describe, it } from "vitest";
import { decide, evolve, initialState, OrderRefusedError } from "./order.ts";

const order = scenario({ initialState, decide, evolve });

const lines = [
  { sku: "lamp", quantity: 2, priceCents: 4_000 },
  { sku: "bulb", quantity: 1, priceCents: 500 },
];
const placed = { type: "order.Placed", data: { customer: "Ada", lines } } as const;
const paid = { type: "order.Paid", data: { amountCents: 8_500 } } as const;
const shipped = { type: "order.Shipped", data: { parcel: "P-1" } } as const;
const cancelled = { type: "order.Cancelled", data: { reason: "too late" } } as const;

describe("placing an order", () => {
  it("places it", () => {
    order.when({ type: "Place", customer: "Ada", lines }).then(placed);
  });

  it("makes all of it due", () => {
    order.when({ type: "Place", customer: "Ada", lines }).thenState({
      status: "placed",
      dueCents: 8_500,
    });
  });

  it("needs a line", () => {
    order.when({ type: "Place", customer: "Ada", lines: [] }).then(OrderRefusedError);
  });

  it("happens once", () => {
    order
      .given(placed)
      .when({ type: "Place", customer: "Ada", lines })
      .then(/placed already/);
  });
});

describe("paying an order", () => {
  it("may be done in parts", () => {
    const part = { type: "order.Paid", data: { amountCents: 500 } } as const;
    order
      .given(placed, part)
      .when({ type: "Pay", amountCents: 8_000 })
      .then({
        events: [{ type: "order.Paid", data: { amountCents: 8_000 } }],
        state: { status: "placed", dueCents: 0 },
      });
  });

  it("cannot be done twice", () => {
    order
      .given(placed, paid)
      .when({ type: "Pay", amountCents: 1 })
      .then(/only 0 cents are due/);
  });

  it("needs an order", () => {
    order.when({ type: "Pay", amountCents: 1 }).then(/no such order/);
  });
});

describe("shipping an order", () => {
  it("ships it", () => {
    order.given(placed, paid).when({ type: "Ship", parcel: "P-1" }).then(shipped);
  });

  it("waits until it is paid", () => {
    order
      .given(placed)
      .when({ type: "Ship", parcel: "P-1" })
      .then(/8500 cents are still due/);
  });

  it("is refused after it was cancelled", () => {
    order
      .given(placed, cancelled)
      .when({ type: "Ship", parcel: "P-1" })
      .then(/is cancelled/);
  });
});

describe("cancelling an order", () => {
  it("keeps the reason", () => {
    order.given(placed).when({ type: "Cancel", reason: "too late" }).then(cancelled);
  });

  it("does nothing the second time", () => {
    order.given(placed, cancelled).when({ type: "Cancel", reason: "again" }).thenNothing();
  });

  it("is refused once it is shipped", () => {
    order
      .given(placed, paid, shipped)
      .when({ type: "Cancel", reason: "too late" })
      .thenError(OrderRefusedError, /is shipped/);
  });
});
