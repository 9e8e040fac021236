import type { EventStoreClient, NewStreamEvent } from "@varve/client";
import type { Contract, Fixture } from "./contract.js";
import { newEvents } from "./events.js";

const log: Readonly<Record<string, readonly [stream: string, type: string, ...tags: string[]]>> = {
  a: ["order-1", "order.Placed", "customer:1", "eu"],
  b: ["order-1", "order.line.Added", "customer:1"],
  c: ["order-2", "order.Placed", "eu", "customer:2"],
  d: ["order", "orders"],
  e: ["order-line-1", "order.line.Added", "customer:1", "eu", "eu"],
  f: ["cart-1", "cart.Opened", "customer:2"],
  g: ["cart-1", "cart.Closed", "eu"],
  h: ["-x", "odd"],
  i: ["ORDER-1", "Order.placed", "Customer:1"],
  j: ["orders-1", "order.Placed.v2", "customer:10"],
  k: ["über-1", "über.Ereignis", "ü"],
  l: ["order-1", "order.Shipped", "eu", "customer:1"],
};

/** The labels of all events that filters are tried on, in the order of the log. */
export const labels: readonly string[] = Object.keys(log);

/** The place in the log of an event, by its label. */
export function positionOf(label: string): number {
  return labels.indexOf(label) + 1;
}

/** How many events that no filter is meant for follow. */
const FILLERS = 8_400;

/** The events, alone. */
export function shortLog({ fixture }: Contract): Fixture {
  return fixture(({ client }) => writeEvents(client));
}

/** The events, and so many others after them that looking at each would be slow. */
export function longLog({ fixture }: Contract): Fixture {
  return fixture(async ({ client }) => {
    await writeEvents(client);
    for (let left = FILLERS; left > 0; left -= 2_100) {
      await client.append("filler", newEvents(2_100, { type: "filler.Added", tags: ["filler"] }));
    }
  });
}

/** In several appends: what is stored together may be found together. */
async function writeEvents(client: EventStoreClient): Promise<void> {
  const events = labels.map(toEvent);
  await client.appendMany(events.slice(0, 4));
  await client.appendMany(events.slice(4, 5));
  await client.appendMany(events.slice(5));
}

function toEvent(label: string): NewStreamEvent {
  const [stream = "", type = "", ...tags] = log[label] ?? [];
  return { stream, type, tags, data: label };
}
