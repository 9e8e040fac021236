import { ConditionFailedError, type EventStoreClient, type NewEvent } from "@varve/client";
import { v5 as uuidV5 } from "uuid";
import { streamOf } from "./execute.ts";
import type { OrderEvent, OrderLine } from "./order.ts";

/** An order as the system before kept it. */
export interface LegacyOrder {
  readonly number: string;
  readonly customer: string;
  readonly lines: readonly OrderLine[];
  readonly paidCents?: number;
  readonly parcel?: string;
}

export interface ImportSummary {
  /** Orders that were appended. */
  readonly imported: number;
  /** Orders that had been before. */
  readonly repeated: number;
}

/** Makes ids of legacy numbers; any UUID, as long as it never changes. */
const NAMESPACE = "6a2b0c1e-53d1-4b0e-9d0b-2f3c6d1f7a55";

/**
 * Appends the orders of the system before, one append for each. It can be run
 * again, after it broke off or to be sure: each order is stored once.
 *
 * Rejects with reason `APPEND_ID_REUSED` if an order has changed since it was imported.
 */
export async function importOrders(
  store: Pick<EventStoreClient, "append">,
  orders: Iterable<LegacyOrder> | AsyncIterable<LegacyOrder>,
): Promise<ImportSummary> {
  let imported = 0;
  let repeated = 0;
  for await (const order of orders) {
    if (await importOrder(store, order)) imported += 1;
    else repeated += 1;
  }
  return { imported, repeated };
}

/** Whether the order was new. */
async function importOrder(
  store: Pick<EventStoreClient, "append">,
  order: LegacyOrder,
): Promise<boolean> {
  const appendId = idOf(order.number);
  const options = { expect: "no-stream", appendId } as const;
  try {
    const { repeat } = await store.append(streamOf(order.number), newEvents(order), options);
    return !repeat;
  } catch (error) {
    // The store remembers append ids for a time; the stream is there for ever.
    if (error instanceof ConditionFailedError) return false;
    throw error;
  }
}

/** The ids of events follow from that of the append: a repeat is the same to the byte. */
function newEvents(order: LegacyOrder): NewEvent[] {
  return eventsOf(order).map((event) => ({ ...event, metadata: { actor: "import" } }));
}

function eventsOf({ customer, lines, paidCents, parcel }: LegacyOrder): OrderEvent[] {
  const events: OrderEvent[] = [{ type: "order.Placed", data: { customer, lines } }];
  if (paidCents) events.push({ type: "order.Paid", data: { amountCents: paidCents } });
  if (parcel !== undefined) events.push({ type: "order.Shipped", data: { parcel } });
  return events;
}

function idOf(name: string): string {
  return uuidV5(name, NAMESPACE);
}
