/** What an order is: the rules, without a store. */

export type OrderLine = {
  readonly sku: string;
  readonly quantity: number;
  readonly priceCents: number;
};

export type OrderEvent =
  | {
      readonly type: "order.Placed";
      readonly data: { readonly customer: string; readonly lines: readonly OrderLine[] };
    }
  | { readonly type: "order.Paid"; readonly data: { readonly amountCents: number } }
  | { readonly type: "order.Shipped"; readonly data: { readonly parcel: string } }
  | { readonly type: "order.Cancelled"; readonly data: { readonly reason: string } };

export type OrderCommand =
  | { readonly type: "Place"; readonly customer: string; readonly lines: readonly OrderLine[] }
  | { readonly type: "Pay"; readonly amountCents: number }
  | { readonly type: "Ship"; readonly parcel: string }
  | { readonly type: "Cancel"; readonly reason: string };

export type OrderState = {
  readonly status: "none" | "placed" | "shipped" | "cancelled";
  /** What is still to be paid, cents. */
  readonly dueCents: number;
};

/** The command breaks a rule of orders. Trying again does not help. */
export class OrderRefusedError extends Error {
  override readonly name: string = "OrderRefusedError";
}

export const initialState: OrderState = { status: "none", dueCents: 0 };

/** The events that a command makes happen. Throws `OrderRefusedError`. */
export function decide(command: OrderCommand, state: OrderState): readonly OrderEvent[] {
  switch (command.type) {
    case "Place":
      return place(command.customer, command.lines, state);
    case "Pay":
      return pay(command.amountCents, state);
    case "Ship":
      return ship(command.parcel, state);
    case "Cancel":
      return cancel(command.reason, state);
  }
}

/** The state after one more event. */
export function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case "order.Placed":
      return { status: "placed", dueCents: totalCents(event.data.lines) };
    case "order.Paid":
      return { ...state, dueCents: state.dueCents - event.data.amountCents };
    case "order.Shipped":
      return { ...state, status: "shipped" };
    case "order.Cancelled":
      return { ...state, status: "cancelled" };
  }
}

/** What all lines cost together, cents. */
export function totalCents(lines: readonly OrderLine[]): number {
  return lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
}

function place(
  customer: string,
  lines: readonly OrderLine[],
  state: OrderState,
): readonly OrderEvent[] {
  if (state.status !== "none") throw new OrderRefusedError("the order has been placed already");
  if (lines.length === 0) throw new OrderRefusedError("an order needs a line");
  return [{ type: "order.Placed", data: { customer, lines } }];
}

function pay(amountCents: number, state: OrderState): readonly OrderEvent[] {
  requirePlaced(state);
  if (amountCents > state.dueCents) {
    throw new OrderRefusedError(`only ${state.dueCents} cents are due`);
  }
  return [{ type: "order.Paid", data: { amountCents } }];
}

function ship(parcel: string, state: OrderState): readonly OrderEvent[] {
  requirePlaced(state);
  if (state.dueCents > 0) throw new OrderRefusedError(`${state.dueCents} cents are still due`);
  return [{ type: "order.Shipped", data: { parcel } }];
}

/** Cancelling twice is no mistake: nothing more happens. */
function cancel(reason: string, state: OrderState): readonly OrderEvent[] {
  if (state.status === "cancelled") return [];
  requirePlaced(state);
  return [{ type: "order.Cancelled", data: { reason } }];
}

function requirePlaced({ status }: OrderState): void {
  if (status === "none") throw new OrderRefusedError("there is no such order");
  if (status !== "placed") throw new OrderRefusedError(`the order is ${status}`);
}
