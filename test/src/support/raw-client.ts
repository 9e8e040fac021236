import { fromBinary } from "@bufbuild/protobuf";
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type ServiceError,
} from "@grpc/grpc-js";
import { EventStoreService } from "@varve/proto";
import { StatusSchema } from "@varve/proto/google/rpc";
import { onTestFinished } from "vitest";
import { type Failed, fromFailure } from "./failure.js";

export type Method =
  | "Append"
  | "AppendStream"
  | "Read"
  | "Replay"
  | "Subscribe"
  | "GetStream"
  | "ListStreams"
  | "SaveSnapshot"
  | "GetSnapshot"
  | "GetStatus";

/** A gRPC client that sends and receives bytes as they are, wrong ones included. */
export class RawClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
    });
    onTestFinished(() => this.#client.close());
  }

  unary(method: Method, request: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        pathOf(method),
        identity,
        identity,
        Buffer.from(request),
        (error, response) => (error ? reject(error) : resolve(response as Buffer)),
      );
    });
  }

  /** A unary call that is given up before it is answered. */
  cancellable(method: Method, request: Uint8Array): { cancel(): void } {
    const path = pathOf(method);
    return this.#client.makeUnaryRequest(path, identity, identity, Buffer.from(request), () => {});
  }

  serverStream(method: Method, request: Uint8Array): ClientReadableStream<Buffer> {
    const path = pathOf(method);
    return this.#client.makeServerStreamRequest(path, identity, identity, Buffer.from(request));
  }

  bidi(method: Method): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(pathOf(method), identity, identity);
  }
}

/** How a raw call fails; a stream is read to its end. */
export async function rawFailureOf(
  call: Promise<unknown> | AsyncIterable<unknown>,
): Promise<Failed> {
  try {
    if (Symbol.asyncIterator in call) for await (const _ of call);
    else await call;
  } catch (error) {
    return fromServiceError(error as ServiceError);
  }
  throw new Error("the call was expected to fail and succeeded");
}

function fromServiceError({ code, details, metadata }: ServiceError): Failed {
  const [trailer] = metadata.get("grpc-status-details-bin");
  const status = Buffer.isBuffer(trailer) ? fromBinary(StatusSchema, trailer).details : [];
  return fromFailure({ code, message: details, details: status });
}

function pathOf(method: Method): string {
  return `/${EventStoreService.typeName}/${method}`;
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}
