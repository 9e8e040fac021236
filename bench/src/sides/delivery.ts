import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { AppendRequests } from "../load/append-requests.ts";
import { Deliveries } from "../load/deliveries.ts";
import { beginAtRate } from "../load/loops.ts";
import { metered, type Work } from "../machine/meter.ts";
import { APPEND } from "./calls.ts";
import type { Target } from "./target.ts";

export interface DeliveryOptions {
  readonly name: string;
  readonly appendsPerSecond: number;
  /** As in `Deliveries`. */
  readonly answersHavePositions: boolean;
}

/**
 * Appends of one event at a rate over one connection, with a live subscriber on
 * another. Its value is the median time from acknowledged to delivered, ms.
 */
export async function delivery(lab: Lab, target: Target, options: DeliveryOptions): Promise<Side> {
  const { name, appendsPerSecond, answersHavePositions } = options;
  const appending = await lab.connect(target.address);
  const subscribing = await lab.connect(target.address);
  const requests = new AppendRequests(lab.options.seed);
  const run = async (seconds: number): Promise<Work> => {
    const deliveries = await Deliveries.start({ appending, subscribing, answersHavePositions });
    let events = 0;
    await beginAtRate(appendsPerSecond, seconds, () => {
      events++;
      deliveries.append(APPEND, requests.next());
    });
    const { afterAck, afterSending } = await deliveries.end();
    return {
      events,
      seconds,
      value: afterAck.p50,
      details: {
        p99Ms: afterAck.p99,
        sentToDeliveredMs: afterSending.p50,
        leastSentToDeliveredMs: afterSending.least,
        appendsPerSecond,
      },
    };
  };
  return { name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}
