import type { EventStoreClient } from "@varve/client";
import type { OpenOrders } from "./open-orders.ts";

export interface FollowOptions {
  /** Ends the following; the promise then resolves. */
  readonly signal: AbortSignal;
  /** Called when the model has come so far as the log, and what follows is live. */
  readonly onCaughtUp?: () => void;
}

/** Keeps a read model up to date, from where it stands, until the signal. */
export async function follow(
  store: Pick<EventStoreClient, "subscribe">,
  model: OpenOrders,
  { signal, onCaughtUp }: FollowOptions,
): Promise<void> {
  const start = { after: model.position };
  const subscription = store.subscribe({ filter: { category: "order" }, start, signal });
  try {
    for await (const frame of subscription.frames()) {
      if (frame.kind === "events") frame.events.forEach((event) => void model.apply(event));
      // Also where nothing matched: a restart need not look there again.
      model.advanceTo(frame.position);
      if (frame.kind === "caught-up") onCaughtUp?.();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
