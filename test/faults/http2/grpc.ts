import type { IncomingHttpHeaders, OutgoingHttpHeaders, SessionOptions } from "node:http2";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { EventStoreService } from "@varve/proto";
import { ErrorInfoSchema, StatusSchema } from "@varve/proto/google/rpc";

/** How a call ended, whatever was wrong with it. */
export interface Answer {
  /** Of gRPC; `undefined` if the call broke before there was one. */
  readonly status: number | undefined;
  /** Of the contract, for example `MALFORMED_REQUEST`. */
  readonly reason: string | undefined;
  readonly message: string;
  /** Bodies of the messages that came. */
  readonly messages: readonly Buffer[];
}

export interface CallOptions {
  /** In place of, or besides, the usual ones. */
  readonly headers?: OutgoingHttpHeaders;
  /** The call is cancelled after this time, ms. Default: 10,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Enough for many calls at a time; Node's own would make them wait for each other. Bytes. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** A connection that makes gRPC calls of bytes, right or wrong, over plain HTTP/2. */
export class GrpcConnection {
  readonly session: ClientHttp2Session;

  constructor(address: string, options: SessionOptions = {}) {
    this.session = connect(`http://${address}`, options);
    // Calls say how they ended.
    this.session.on("error", () => {});
    this.session.once("connect", () => this.session.setLocalWindowSize(WINDOW_BYTES));
  }

  /** Opens a call and sends nothing yet. */
  open(path: string, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    return this.session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
  }

  /** Sends a body that is framed already, and waits for the end. Never rejects. */
  async call(path: string, body: Uint8Array, options: CallOptions = {}): Promise<Answer> {
    if (this.session.destroyed || this.session.closed) return broken("the connection is closed");
    const stream = this.open(path, options.headers);
    const timer = setTimeout(
      () => stream.close(constants.NGHTTP2_CANCEL),
      options.timeoutMs ?? TIMEOUT_MS,
    );
    stream.end(body);
    return answerOf(stream).finally(() => clearTimeout(timer));
  }

  close(): void {
    this.session.destroy();
  }
}

/** The path of a method of the contract. */
export function pathOf(method: string): string {
  return `/${EventStoreService.typeName}/${method}`;
}

/** A message as gRPC frames it. `length`, if given, is what the prefix says instead. */
export function grpcBody(message: Uint8Array, flag = 0, length: number = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([prefix, message]);
}

/** Waits for the end of a call. Never rejects. */
export function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve) => {
    const messages = new MessageReader();
    const bodies: Buffer[] = [];
    let ending: IncomingHttpHeaders = {};
    let error = "";
    stream.on("response", (headers) => {
      ending = headers;
    });
    stream.on("trailers", (headers) => {
      ending = headers;
    });
    stream.on("data", (chunk: Buffer) => {
      messages.push(chunk, (body) => bodies.push(body));
    });
    stream.on("error", (cause: Error) => {
      error = cause.message;
    });
    stream.on("close", () => resolve(toAnswer(ending, error, bodies)));
  });
}

function toAnswer(ending: IncomingHttpHeaders, error: string, messages: Buffer[]): Answer {
  const status = ending["grpc-status"];
  if (status === undefined) return { ...broken(error || "no status came"), messages };
  const message = String(ending["grpc-message"] ?? "");
  const details = ending["grpc-status-details-bin"];
  return { status: Number(status), reason: reasonOf(details), message, messages };
}

function reasonOf(details: string | string[] | undefined): string | undefined {
  if (typeof details !== "string") return undefined;
  const status = fromBinary(StatusSchema, Buffer.from(details, "base64"));
  return status.details.map((any) => anyUnpack(any, ErrorInfoSchema)?.reason).find(Boolean);
}

function broken(message: string): Answer {
  return { status: undefined, reason: undefined, message, messages: [] };
}

/** Takes the messages out of the body of a gRPC call. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer, onMessage: (body: Buffer) => void): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 5) {
      const end = 5 + bytes.readUInt32BE(1);
      if (bytes.length < end) break;
      onMessage(bytes.subarray(5, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}
