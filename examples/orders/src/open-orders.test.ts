import { createRecordedEvents } from "@varve/testing";
import { describe, expect, it } from "vitest";
import { OpenOrders } from "./open-orders.ts";

const lines = [{ sku: "lamp", quantity: 2, priceCents: 4_000 }];
const recorded = createRecordedEvents();
const placed = recorded({
  stream: "order-1",
  type: "order.Placed",
  data: { customer: "Ada", lines },
});
const paid = recorded({ stream: "order-1", type: "order.Paid", data: { amountCents: 3_000 } });
const shipped = recorded({ stream: "order-1", type: "order.Shipped", data: { parcel: "P-1" } });

function modelOf(...events: (typeof placed | typeof paid | typeof shipped)[]): OpenOrders {
  const model = new OpenOrders();
  for (const event of events) model.apply(event);
  return model;
}

describe("the open orders", () => {
  it("hold what is placed, and how much of it is paid", () => {
    const order = { customer: "Ada", totalCents: 8_000, paidCents: 3_000 };
    expect(modelOf(placed, paid).orders.get("order-1")).toEqual(order);
  });

  it("do not hold what is shipped", () => {
    expect(modelOf(placed, paid, shipped).orders.size).toBe(0);
  });

  it("take in an event once, however often it is delivered", () => {
    expect(modelOf(placed, paid, paid).orders.get("order-1")?.paidCents).toBe(3_000);
  });

  it("stand after a restart where they stood before", () => {
    const restarted = new OpenOrders(modelOf(placed).save());
    restarted.apply(placed);
    restarted.apply(paid);
    expect(restarted.save()).toEqual(modelOf(placed, paid).save());
    expect(restarted.position).toBe(2n);
  });
});
