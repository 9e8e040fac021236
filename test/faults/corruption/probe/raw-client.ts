import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { EventStoreService } from "@varve/proto";
import { ErrorInfoSchema, StatusSchema } from "@varve/proto/google/rpc";

export type UnaryMethod = "Append" | "GetStream" | "ListStreams" | "GetStatus";
export type StreamMethod = "Read" | "Replay" | "Subscribe";

/** A client that leaves the messages of streams encoded: what is compared are bytes. */
export class RawClient implements Disposable {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  unary(method: UnaryMethod, request: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        pathOf(method),
        asItIs,
        asItIs,
        Buffer.from(request),
        (error, response) => (error ? reject(error) : resolve(response as Buffer)),
      );
    });
  }

  /** Its encoded frames. Leaving the loop over them cancels the call. */
  async *stream(method: StreamMethod, request: Uint8Array): AsyncGenerator<Buffer> {
    const path = pathOf(method);
    const call = this.#client.makeServerStreamRequest(path, asItIs, asItIs, Buffer.from(request));
    try {
      for await (const frame of call) yield frame as Buffer;
    } finally {
      // Otherwise the cancellation would be an error that nobody handles.
      call.on("error", () => {});
      call.cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** Why a call failed: a reason of `error.proto`, or what came in its place. */
export function failureOf(thrown: unknown): { readonly reason: string; readonly message: string } {
  const { code, details, metadata } = thrown as ServiceError;
  if (metadata === undefined) throw thrown;
  const [trailer] = metadata.get("grpc-status-details-bin");
  const packed = Buffer.isBuffer(trailer) ? fromBinary(StatusSchema, trailer).details : [];
  const info = packed.map((any) => anyUnpack(any, ErrorInfoSchema)).find((found) => found);
  return { reason: info?.reason ?? `status ${code}`, message: details };
}

function pathOf(method: UnaryMethod | StreamMethod): string {
  return `/${EventStoreService.typeName}/${method}`;
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
