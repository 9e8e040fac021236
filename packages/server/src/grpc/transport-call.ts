import type { ServerHttp2Stream } from "node:http2";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { JoinedMessages } from "./message-prefix.js";

type Decompress = (message: Buffer, encoding: string) => Buffer | Promise<Buffer>;

/**
 * What grpc-js has under a call and keeps to itself: there is no other way to know, and
 * to bound, what a client makes the server hold before a handler is called.
 */
export interface TransportCall extends ServerInterceptingCallInterface {
  readonly stream: ServerHttp2Stream;
  /** The same that the handler gets. */
  readonly metadata: Metadata;
  /** Takes a message with its prefix; rejects with a status. */
  decompressMessage: Decompress;
  /** Takes a message, and returns a copy of it with its prefix. */
  serializeMessage: (message: Buffer | JoinedMessages) => Buffer;
}

/** Throws if grpc-js is not as it is known to be. */
export function toTransportCall(call: ServerInterceptingCallInterface): TransportCall {
  const known: Partial<TransportCall> = call;
  if (known.stream && known.metadata && known.decompressMessage && known.serializeMessage) {
    return call as TransportCall;
  }
  throw new Error("grpc-js has changed: the memory of calls cannot be bounded");
}
