import { create, toBinary } from "@bufbuild/protobuf";
import { ReadRequestSchema } from "@varve/proto";
import type { Side } from "../comparison/side.ts";
import { EVENTS_OF_TEN, TEN_CATEGORY, tenEventStreams } from "../database/shape.ts";
import { callOnce, pathOf } from "../http2/call-once.ts";
import type { Lab } from "../lab.ts";
import { STREAMS, streamName } from "../load/events.ts";
import { PAYLOAD_BYTES } from "../load/payload.ts";
import { zipf } from "../load/zipf.ts";
import { APPEND, calls } from "./calls.ts";
import type { Target } from "./target.ts";

const READ = pathOf("Read");
const READERS = 64;
const POOL = 8192;

/** Raw reads of streams of ten events, by 64 readers; streams per second. */
export function tenEventReads(lab: Lab, target: Target, events: number): Promise<Side> {
  const requests = readRequests(lab, events);
  let next = 0;
  return calls(lab, target, {
    name: "Read, 64 readers",
    inFlight: READERS,
    next: () => ({ path: READ, message: requests[next++ % POOL] as Buffer }),
  });
}

/** The same requests to a bare server that answers with one message. */
export function readEcho(lab: Lab, target: Target, events: number): Promise<Side> {
  const requests = readRequests(lab, events);
  let next = 0;
  return calls(lab, target, {
    name: "B4 unary echo",
    inFlight: READERS,
    next: () => ({ path: APPEND, message: requests[next++ % POOL] as Buffer }),
  });
}

/** All that one such read is answered with, in one piece. */
export async function exampleStream(lab: Lab, target: Target, events: number): Promise<Buffer> {
  const connection = await lab.connect(target.address);
  const [request] = readRequests(lab, events);
  const answer = Buffer.concat(await callOnce(connection, READ, request as Buffer));
  if (answer.length < EVENTS_OF_TEN * PAYLOAD_BYTES) throw new Error("the stream is too short");
  return answer;
}

function readRequests(lab: Lab, events: number): readonly Buffer[] {
  const draw = zipf(Math.min(STREAMS, tenEventStreams(events)), lab.random());
  return Array.from({ length: POOL }, () => {
    const stream = streamName(draw(), TEN_CATEGORY);
    return Buffer.from(toBinary(ReadRequestSchema, create(ReadRequestSchema, { stream })));
  });
}
