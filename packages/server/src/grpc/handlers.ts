import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { EventStore } from "@varve/engine";
import {
  GetSnapshotRequestSchema,
  GetSnapshotResponseSchema,
  GetStatusRequestSchema,
  GetStatusResponseSchema,
  GetStreamRequestSchema,
  GetStreamResponseSchema,
  ListStreamsRequestSchema,
  ListStreamsResponseSchema,
  ReadRequestSchema,
  ReplayRequestSchema,
  SaveSnapshotRequestSchema,
  SaveSnapshotResponseSchema,
  SubscribeRequestSchema,
} from "@varve/proto";
import type { Calls } from "./calls.js";

/** Every RPC of the contract, on the engine. */
export function eventStoreHandlers(store: EventStore, calls: Calls): UntypedServiceImplementation {
  return {
    Append: calls.raw((request, caller) => store.append(request, caller)),
    AppendStream: calls.bidi((frames, options) => store.appendStream(frames, options)),
    Read: calls.promptStream(
      ReadRequestSchema,
      (request) => store.readInMemory(request),
      (request, signal) => store.read(request, signal),
    ),
    Replay: calls.serverStream(ReplayRequestSchema, (request, signal) =>
      store.replay(request, signal),
    ),
    Subscribe: calls.liveStream(SubscribeRequestSchema, (request, signal, room) =>
      store.subscribe(request, signal, { room }),
    ),
    GetStream: calls.unary(GetStreamRequestSchema, GetStreamResponseSchema, (request) =>
      store.getStream(request),
    ),
    ListStreams: calls.largeUnary(ListStreamsRequestSchema, ListStreamsResponseSchema, (request) =>
      store.listStreams(request),
    ),
    SaveSnapshot: calls.unary(SaveSnapshotRequestSchema, SaveSnapshotResponseSchema, (request) =>
      store.saveSnapshot(request),
    ),
    GetSnapshot: calls.largeUnary(GetSnapshotRequestSchema, GetSnapshotResponseSchema, (request) =>
      store.getSnapshot(request),
    ),
    GetStatus: calls.unary(GetStatusRequestSchema, GetStatusResponseSchema, (request) =>
      store.getStatus(request),
    ),
  };
}
