import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import {
  type AppendCaller,
  appendStream,
  asStoreError,
  type EventStore,
  malformedRequest,
  type StartAppend,
  type StartedAppend,
} from "@varve/engine";
import {
  AppendRequestSchema,
  AppendResponseSchema,
  AppendStreamRequestSchema,
  AppendStreamResponseSchema,
  ReadResponseSchema,
  ReplayResponseSchema,
  type SubscribeRequest,
  SubscribeResponseSchema,
} from "@varve/proto";
import type { FaultInjector } from "./faults.js";
import type { LocalService } from "./local-transport.js";
import type { SubscriptionWatch } from "./subscription-watch.js";

/** What the calls of a fake go through. */
export interface Backend {
  /** The store of now; `clear` puts another in its place. */
  readonly store: () => EventStore;
  readonly faults: FaultInjector;
  readonly watch: SubscriptionWatch;
}

/** Every RPC of the contract, on the engine, for a transport inside the process. */
export function eventStoreService(backend: Backend): LocalService {
  const { store, faults } = backend;
  const unary = <T>(answer: () => Promise<T>): Promise<T> => translated(faults.unary(answer));
  return {
    append: (request, signal) =>
      unary(async () => {
        const bytes = encode(AppendRequestSchema, request);
        const { outcome } = await startAppend(backend, bytes, signal);
        return fromBinary(AppendResponseSchema, await outcome);
      }),
    appendStream: (messages, signal) => {
      const frames = encodeAll(AppendStreamRequestSchema, messages);
      const start: StartAppend = (request, caller) => startAppend(backend, request, caller);
      const outcomes = faults.call((over) =>
        appendStream(frames, start, { stopping: over, signal: AbortSignal.any([signal, over]) }),
      );
      return decodeAll(AppendStreamResponseSchema, outcomes);
    },
    read: (request, signal) =>
      decodeAll(
        ReadResponseSchema,
        faults.call((over) => store().read(request, AbortSignal.any([signal, over]))),
      ),
    replay: (request, signal) =>
      decodeAll(
        ReplayResponseSchema,
        faults.call((over) => store().replay(request, AbortSignal.any([signal, over]))),
      ),
    subscribe: (request, signal) => {
      const frames = faults.call((over) =>
        watched(backend, request, AbortSignal.any([signal, over])),
      );
      return decodeAll(SubscribeResponseSchema, frames);
    },
    getStream: (request) => unary(() => store().getStream(request)),
    listStreams: (request) => unary(() => store().listStreams(request)),
    saveSnapshot: (request) => unary(() => store().saveSnapshot(request)),
    getSnapshot: (request) => unary(() => store().getSnapshot(request)),
    getStatus: (request) => unary(() => store().getStatus(request)),
  };
}

function startAppend(
  { store, faults }: Backend,
  request: Buffer,
  caller: AppendCaller,
): Promise<StartedAppend> {
  const lastRevision = async (workspace: string, stream: string): Promise<bigint | undefined> => {
    const request = { $typeName: "varve.v1.GetStreamRequest" as const, workspace, stream };
    return (await store().getStream(request)).info?.lastRevision;
  };
  return faults.append(request, lastRevision, async () => store().startAppend(request, caller));
}

async function* watched(
  { store, faults, watch }: Backend,
  request: SubscribeRequest,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const subscription = watch.add();
  // A consumer that leaves its loop aborts; the frame that waits for it stays behind.
  signal.addEventListener("abort", () => subscription.ended(), { once: true });
  const onCaughtUp = (): void => subscription.caughtUp();
  try {
    for await (const frame of store().subscribe(request, signal, { onCaughtUp })) {
      subscription.delivered();
      await faults.beforeFrame();
      yield frame;
    }
  } finally {
    subscription.ended();
  }
}

async function translated<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw toConnectError(error);
  }
}

async function* decodeAll<T extends DescMessage>(
  schema: T,
  frames: AsyncIterable<Buffer>,
): AsyncGenerator<MessageShape<T>> {
  try {
    // Copied: what is decoded keeps the bytes that it came in, and these are the store's.
    for await (const frame of frames) yield fromBinary(schema, Uint8Array.from(frame));
  } catch (error) {
    throw toConnectError(error);
  }
}

async function* encodeAll<T extends DescMessage>(
  schema: T,
  messages: AsyncIterable<MessageInitShape<T>>,
): AsyncGenerator<Buffer> {
  for await (const message of messages) yield encode(schema, create(schema, message));
}

/** A string with a lone surrogate, for one, has no encoding. */
function encode<T extends DescMessage>(schema: T, message: MessageShape<T>): Buffer {
  try {
    return Buffer.from(toBinary(schema, message));
  } catch (cause) {
    throw malformedRequest(cause);
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
