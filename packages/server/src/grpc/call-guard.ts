import { constants, type ServerHttp2Stream } from "node:http2";
import {
  type Metadata,
  type ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from "@grpc/grpc-js";
import { StoreError } from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import pLimit from "p-limit";
import type { CallMemory } from "./call-memory.js";
import type { CallShare } from "./call-share.js";
import { JoinedMessages, withPrefix } from "./message-prefix.js";
import { toServiceError } from "./status.js";
import { type TransportCall, toTransportCall } from "./transport-call.js";
import { UploadWindows } from "./upload-windows.js";

/** Few: each may make a large message of a small one, on the threads that write to the disk. */
const DECOMPRESSIONS_MAX = 2;

interface Guarded {
  readonly share: CallShare;
  readonly transport: TransportCall;
}

/** Counts what every call holds, from before its handler is called until its end. */
export class CallGuard {
  readonly #memory: CallMemory;
  readonly #guarded = new WeakMap<Metadata, Guarded>();
  readonly #decompressing = pLimit(DECOMPRESSIONS_MAX);
  readonly #windows = new UploadWindows();

  constructor(memory: CallMemory) {
    this.#memory = memory;
  }

  /** For grpc-js. It adds no layer to the call, and listens only. */
  readonly interceptor: ServerInterceptor = (_method, call) => {
    this.#begin(toTransportCall(call));
    return call as ServerInterceptingCall;
  };

  /** What a call holds, for its handler. */
  shareOf(call: { readonly metadata: Metadata }): CallShare {
    return this.#guardedBy(call).share;
  }

  /** What a call is sent over. */
  streamOf(call: { readonly metadata: Metadata }): ServerHttp2Stream {
    return this.#guardedBy(call).transport.stream;
  }

  /** Answers a call with messages that are there already, all at once. */
  answer(call: { readonly metadata: Metadata }, messages: readonly Buffer[]): void {
    const { share, transport } = this.#guardedBy(call);
    const joined = new JoinedMessages(messages);
    const { length } = joined.bytes;
    share.sending(length);
    transport.sendMessage(joined, () => {
      share.sent(length);
      transport.sendStatus({ code: status.OK, details: "OK", metadata: null });
    });
  }

  #guardedBy({ metadata }: { readonly metadata: Metadata }): Guarded {
    const guarded = this.#guarded.get(metadata);
    if (!guarded) throw new Error("the call has not been intercepted");
    return guarded;
  }

  #begin(call: TransportCall): void {
    const { stream, metadata } = call;
    const share = stream.session && this.#memory.open(stream.session, (what) => cut(call, what));
    if (!share) {
      refuse(call);
      return;
    }
    this.#guarded.set(metadata, { share, transport: call });
    if (stream.session) this.#windows.widen(stream.session);
    stream.once("close", () => share.close());
    // Comes before grpc-js, which keeps what it gets until the message is whole.
    stream.prependListener("data", (chunk: Buffer) => {
      if (!share.receive(chunk.length)) refuse(call);
    });
    const copy = call.serializeMessage.bind(call);
    call.serializeMessage = (message) =>
      message instanceof JoinedMessages ? message.bytes : (withPrefix(message) ?? copy(message));
    const decompress = call.decompressMessage.bind(call);
    call.decompressMessage = (message, encoding) =>
      encoding === "identity"
        ? decompress(message, encoding)
        : this.#decompressing(async () => {
            if (stream.destroyed) throw cancelled;
            const bytes = await decompress(message, encoding);
            if (share.receive(bytes.length - message.length)) return bytes;
            throw toServiceError(noRoom());
          });
  }
}

const cancelled = { code: status.CANCELLED, details: "the call is over" };

/** Why a call is not taken, or not gone on with. */
export function noRoom(): StoreError {
  return new StoreError(
    ErrorReason.OVERLOADED,
    "clients make the server hold more than it has room for",
  );
}

/** Answers the call, and forgets what has come in for it. */
function refuse(call: TransportCall): void {
  const { code = status.UNKNOWN, details = "", metadata } = toServiceError(noRoom());
  call.sendStatus({ code, details, ...(metadata && { metadata }) });
  call.stream.close(constants.NGHTTP2_NO_ERROR);
}

/** There is no way to tell a client why that takes nothing. */
function cut({ stream }: TransportCall, what: "call" | "connection"): void {
  if (what === "connection") stream.session?.destroy();
  stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  // What the network does not take would otherwise stay.
  stream.destroy();
}
