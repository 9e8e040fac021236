import { ConditionFailedError, type EventStoreClient, type ExpectedState } from "@varve/client";
import {
  decide,
  evolve,
  initialState,
  type OrderCommand,
  type OrderEvent,
  type OrderState,
} from "./order.ts";

export interface ExecuteOptions {
  /** How often to decide anew when someone else was faster. Default: 3. */
  readonly retriesMax?: number;
}

/** The stream of an order. Its category is `order`. */
export function streamOf(orderId: string): string {
  return `order-${orderId}`;
}

/**
 * Carries out a command: reads the order, decides, and appends under the
 * condition that the order is still the one that was read. If it is not, reads
 * and decides again. Resolves with the events that were appended.
 *
 * Rejects with `OrderRefusedError`, or with `ConditionFailedError` if someone
 * else was faster every time.
 */
export async function execute(
  store: Pick<EventStoreClient, "read" | "append">,
  orderId: string,
  command: OrderCommand,
  { retriesMax = 3 }: ExecuteOptions = {},
): Promise<readonly OrderEvent[]> {
  for (let retries = 0; ; retries += 1) {
    const { state, expect } = await load(store, orderId);
    const events = decide(command, state);
    if (events.length === 0) return events;
    try {
      await store.append(streamOf(orderId), events, { expect });
      return events;
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || retries === retriesMax) throw error;
    }
  }
}

interface LoadedOrder {
  readonly state: OrderState;
  /** What the stream must still be for a decision from this state to be right. */
  readonly expect: ExpectedState;
}

async function load(store: Pick<EventStoreClient, "read">, orderId: string): Promise<LoadedOrder> {
  const read = store.read(streamOf(orderId));
  const { expect } = await read.header;
  let state = initialState;
  // Only this program appends to these streams, so it knows what is in them.
  for await (const event of read) state = evolve(state, event as OrderEvent);
  return { state, expect };
}
