import type { Side } from "../comparison/side.ts";
import { callOnce } from "../http2/call-once.ts";
import type { RawConnection } from "../http2/connection.ts";
import type { Lab } from "../lab.ts";
import { AppendRequests } from "../load/append-requests.ts";
import { FanOut } from "../load/fan-out.ts";
import { subscribe } from "../load/subscriber.ts";
import { metered } from "../machine/meter.ts";
import { APPEND } from "./calls.ts";
import type { Target } from "./target.ts";

export interface FanOutSideOptions {
  readonly name: string;
  readonly subscribers: number;
  readonly eventsPerAppend: number;
  readonly window: number;
}

/** Everything to so many live subscribers; its value is events delivered per second. */
export async function fanOut(lab: Lab, target: Target, options: FanOutSideOptions): Promise<Side> {
  const appending = await lab.connect(target.address);
  const requests = new AppendRequests(lab.options.seed, options);
  const subscribing = await connections(lab, target, options.subscribers);
  let failure: Error | undefined;
  const running = await FanOut.start({
    ...options,
    subscribing,
    append: () => {
      if (failure) throw failure;
      appending.call(APPEND, requests.next(), {
        data: () => {},
        end: (error) => {
          failure = error;
        },
      });
    },
  });
  return {
    name: options.name,
    measure: (seconds) => metered(target.pid, () => running.run(seconds)),
  };
}

/** The frame that Varve sends a live subscriber for one append. */
export async function exampleFrame(
  lab: Lab,
  target: Target,
  eventsPerAppend: number,
): Promise<Buffer> {
  const connection = await lab.connect(target.address);
  const delivered = Promise.withResolvers<Buffer>();
  const subscription = subscribe(connection, {
    start: "end",
    onEvents: (frame) => delivered.resolve(Buffer.from(frame)),
    onError: delivered.reject,
  });
  await subscription.confirmed;
  const request = new AppendRequests(lab.options.seed, { eventsPerAppend }).next();
  await callOnce(connection, APPEND, request);
  const frame = await delivered.promise;
  subscription.end();
  return frame;
}

function connections(lab: Lab, target: Target, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => lab.connect(target.address)));
}
