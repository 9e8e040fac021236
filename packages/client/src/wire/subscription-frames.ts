import type { SubscribeResponse } from "@varve/proto";
import type { SubscriptionFrame } from "../types.js";
import { decodeBatch } from "./events.js";
import { required } from "./required.js";

/** A frame as the consumer gets it; `undefined` for a kind that this SDK does not know. */
export function decodeSubscriptionFrame({
  frame,
}: SubscribeResponse): SubscriptionFrame | undefined {
  switch (frame.case) {
    case "confirmed":
      return { kind: "confirmed", position: frame.value.after, head: frame.value.head };
    case "events": {
      const events = decodeBatch(frame.value);
      const last = required(events.at(-1), "EventBatch.events");
      return { kind: "events", position: last.position, events };
    }
    case "caughtUp":
      return { kind: "caught-up", position: frame.value.position };
    case "fellBehind":
      return { kind: "fell-behind", position: frame.value.position, head: frame.value.head };
    case "checkpoint":
      return { kind: "checkpoint", position: frame.value.position };
    case "heartbeat":
      return { kind: "heartbeat", position: frame.value.position };
    default:
      return undefined;
  }
}
