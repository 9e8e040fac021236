import type { RecordedEvent } from "@varve/client";
import { type OrderEvent, totalCents } from "./order.ts";

export type OpenOrder = {
  readonly customer: string;
  readonly totalCents: number;
  readonly paidCents: number;
};

/** A read model with how far it has come: the two are saved together, or not at all. */
export type SavedOpenOrders = {
  readonly position: bigint;
  readonly orders: Readonly<Record<string, OpenOrder>>;
};

/** The orders that are placed, and neither shipped nor cancelled. */
export class OpenOrders {
  /** Everything up to here is in the model. */
  #position: bigint;
  readonly #orders: Map<string, OpenOrder>;

  constructor(saved: SavedOpenOrders = { position: 0n, orders: {} }) {
    this.#position = saved.position;
    this.#orders = new Map(Object.entries(saved.orders));
  }

  get position(): bigint {
    return this.#position;
  }

  /** By stream. */
  get orders(): ReadonlyMap<string, OpenOrder> {
    return this.#orders;
  }

  /** Takes in an event, unless it is in the model already: delivery is at least once. */
  apply(recorded: RecordedEvent): void {
    if (recorded.position <= this.#position) return;
    this.#project(recorded.stream, recorded as OrderEvent);
    this.#position = recorded.position;
  }

  /** Notes that no event up to here concerns the model. */
  advanceTo(position: bigint): void {
    if (position > this.#position) this.#position = position;
  }

  save(): SavedOpenOrders {
    return { position: this.#position, orders: Object.fromEntries(this.#orders) };
  }

  #project(stream: string, event: OrderEvent): void {
    switch (event.type) {
      case "order.Placed": {
        const { customer, lines } = event.data;
        this.#orders.set(stream, { customer, totalCents: totalCents(lines), paidCents: 0 });
        break;
      }
      case "order.Paid": {
        const order = this.#orders.get(stream);
        if (order === undefined) break;
        const paidCents = order.paidCents + event.data.amountCents;
        this.#orders.set(stream, { ...order, paidCents });
        break;
      }
      default:
        this.#orders.delete(stream);
    }
  }
}
