// One order from beginning to end, on the server at VARVE_ADDRESS.
import { connect } from "@varve/client";
import { execute, streamOf } from "./execute.ts";
import { follow } from "./follow.ts";
import { OpenOrders } from "./open-orders.ts";

await using store = connect(process.env.VARVE_ADDRESS ?? "127.0.0.1:4270");

const orderId = crypto.randomUUID();
const lines = [{ sku: "lamp", quantity: 2, priceCents: 4_000 }];
await execute(store, orderId, { type: "Place", customer: "Ada", lines });
await execute(store, orderId, { type: "Pay", amountCents: 3_000 });

const openOrders = new OpenOrders();
const end = new AbortController();
await follow(store, openOrders, { signal: end.signal, onCaughtUp: () => end.abort() });
console.log("open:", openOrders.orders.size, openOrders.orders.get(streamOf(orderId)));

await execute(store, orderId, { type: "Pay", amountCents: 5_000 });
await execute(store, orderId, { type: "Ship", parcel: "P-1" });
for await (const event of store.read(streamOf(orderId))) {
  console.log(event.revision, event.type, event.data);
}
