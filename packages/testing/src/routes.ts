import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { asStoreError, type EventStore, malformedRequest } from "@varve/engine";
import {
  AppendRequestSchema,
  AppendResponseSchema,
  AppendStreamRequestSchema,
  AppendStreamResponseSchema,
  EventStoreService,
  ReadResponseSchema,
  ReplayResponseSchema,
  SubscribeResponseSchema,
} from "@varve/proto";

/** Every RPC of the contract, on the engine, for a transport inside the process. */
export function eventStoreRoutes(store: EventStore): (router: ConnectRouter) => void {
  return (router) => {
    router.service(EventStoreService, {
      append: async (request) => {
        const bytes = await translated(store.append(encode(AppendRequestSchema, request)));
        return fromBinary(AppendResponseSchema, bytes);
      },
      appendStream: (frames) =>
        decoded(
          AppendStreamResponseSchema,
          store.appendStream(encoded(AppendStreamRequestSchema, frames)),
        ),
      read: (request) => decoded(ReadResponseSchema, store.read(request)),
      replay: (request) => decoded(ReplayResponseSchema, store.replay(request)),
      subscribe: (request, context: HandlerContext) =>
        decoded(SubscribeResponseSchema, store.subscribe(request, context.signal)),
      getStream: (request) => translated(store.getStream(request)),
      listStreams: (request) => translated(store.listStreams(request)),
      saveSnapshot: (request) => translated(store.saveSnapshot(request)),
      getSnapshot: (request) => translated(store.getSnapshot(request)),
      getStatus: (request) => translated(store.getStatus(request)),
    });
  };
}

async function translated<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw toConnectError(error);
  }
}

async function* decoded<T extends DescMessage>(
  schema: T,
  frames: AsyncIterable<Buffer>,
): AsyncGenerator<MessageShape<T>> {
  try {
    for await (const frame of frames) yield fromBinary(schema, frame);
  } catch (error) {
    throw toConnectError(error);
  }
}

async function* encoded<T extends DescMessage>(
  schema: T,
  messages: AsyncIterable<MessageShape<T>>,
): AsyncGenerator<Buffer> {
  for await (const message of messages) yield encode(schema, message);
}

/** A string with a lone surrogate, for one, has no encoding. */
function encode<T extends DescMessage>(schema: T, message: MessageShape<T>): Buffer {
  try {
    return Buffer.from(toBinary(schema, message));
  } catch (cause) {
    throw toConnectError(malformedRequest(cause));
  }
}

/** The same code, message and details that the server would send. */
function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const storeError = asStoreError(error);
  const { code, message, details } = storeError.toFailure();
  const connectError = new ConnectError(message, code, undefined, undefined, storeError);
  connectError.details = details.map(({ typeUrl, value }) => ({
    type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
    value,
  }));
  return connectError;
}
