/**
 * B3 and B4: what gRPC in Node costs without an event store. A grpc-js server with
 * codecs that do nothing answers with bytes that it was given before, under the
 * paths of Varve, so that the same client can drive either.
 */
import { once } from "node:events";
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { EventStoreService } from "@varve/proto";
import { serveCalls } from "../process/remote.ts";
import type { Answers, BareCalls } from "./bare-server.ts";

type ServerStream = ServerWritableStream<Buffer, Buffer>;
type Bidi = ServerDuplexStream<Buffer, Buffer>;

/** An encoded `SubscribeResponse` that confirms. */
const CONFIRMED = Buffer.of(0x0a, 0x00);

let answers: Answers = {
  unary: Buffer.alloc(0),
  bidi: Buffer.alloc(0),
  frames: [],
  published: undefined,
};
const subscribers = new Set<ServerStream>();

const server = new Server({
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.max_concurrent_streams": 4096,
});
server.addService(definition(), {
  Append: (_: unknown, answer: (error: null, message: Buffer) => void) => {
    publish();
    answer(null, answers.unary);
  },
  AppendStream: (call: Bidi) => {
    call.on("data", () => call.write(answers.bidi));
    call.on("end", () => call.end());
  },
  Replay: (call: ServerStream) => void sendAll(call),
  Subscribe: (call: ServerStream) => {
    subscribers.add(call);
    call.on("cancelled", () => subscribers.delete(call));
    call.write(CONFIRMED);
  },
});

const port = await new Promise<number>((resolve, reject) => {
  const credentials = ServerCredentials.createInsecure();
  server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
});

serveCalls<BareCalls>({
  address: async () => `127.0.0.1:${port}`,
  prepare: async (prepared) => {
    answers = prepared;
  },
});

function publish(): void {
  if (answers.published === undefined) return;
  for (const subscriber of subscribers) subscriber.write(answers.published);
}

/** As fast as the client takes it. */
async function sendAll(call: ServerStream): Promise<void> {
  for (const frame of answers.frames) {
    if (call.cancelled) return;
    if (!call.write(frame)) await Promise.race([once(call, "drain"), once(call, "cancelled")]);
  }
  call.end();
}

function definition(): ServiceDefinition {
  const identity = (bytes: Buffer): Buffer => bytes;
  return Object.fromEntries(
    EventStoreService.methods.map((method) => [
      method.name,
      {
        path: `/${EventStoreService.typeName}/${method.name}`,
        requestStream: method.methodKind === "bidi_streaming",
        responseStream: method.methodKind !== "unary",
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    ]),
  );
}
