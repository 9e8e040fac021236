import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { connect, type EventStoreClient, type NewEvent } from "@varve/client";
import { EventStoreService } from "@varve/proto";
import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { appendRequest, randomEvent, STREAMS, streamName } from "../load/events.ts";
import { runCallers } from "../load/loops.ts";
import { randomPayload } from "../load/payload.ts";
import { randomUuid } from "../load/random.ts";
import { zipf } from "../load/zipf.ts";
import { metered, type Work } from "../machine/meter.ts";
import type { Target } from "./target.ts";

const POOL = 4096;

/** Concurrent callers of a promise; its value is calls per second. */
export function callers(
  name: string,
  target: Target,
  count: number,
  call: () => Promise<unknown>,
): Side {
  const run = async (seconds: number): Promise<Work> => {
    const { calls, seconds: taken } = await runCallers(count, seconds, call);
    return { events: calls, seconds: taken };
  };
  return { name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

export function sdkOf(lab: Lab, target: Target): EventStoreClient {
  return lab.use(connect(target.address));
}

/** Appends of one event by the SDK, as a program makes them: an object goes in. */
export function sdkAppend(lab: Lab, target: Target): () => Promise<unknown> {
  const client = sdkOf(lab, target);
  const random = lab.random();
  const draw = zipf(STREAMS, random);
  const streams = Array.from({ length: POOL }, () => streamName(draw()));
  const events = Array.from(
    { length: POOL },
    (): NewEvent => ({
      type: "order.Placed",
      data: randomPayload(random),
    }),
  );
  let next = 0;
  return () => {
    const i = next++ % POOL;
    return client.append(streams[i] as string, events[i] as NewEvent);
  };
}

/** A client over the transport that the SDK uses. */
export function connectClient(lab: Lab, target: Target): Client<typeof EventStoreService> {
  const baseUrl = `http://${target.address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  lab.use({ [Symbol.dispose]: () => sessionManager.abort() });
  const transport = createGrpcTransport({ baseUrl, sessionManager, acceptCompression: [] });
  return createClient(EventStoreService, transport);
}

/** Unary calls by that client, with the message of an SDK's append made beforehand. */
export function connectEcho(lab: Lab, target: Target): () => Promise<unknown> {
  const client = connectClient(lab, target);
  const random = lab.random();
  const draw = zipf(STREAMS, random);
  const requests = Array.from({ length: POOL }, () =>
    appendRequest([randomEvent(random, streamName(draw()))], randomUuid(random)),
  );
  let next = 0;
  return () => client.append(requests[next++ % POOL] as (typeof requests)[number]);
}
