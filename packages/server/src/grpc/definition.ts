import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { EventStoreService } from "@varve/proto";

/** Messages pass through as bytes: what is stored is served without being decoded. */
export type RawMethod = MethodDefinition<Buffer, Buffer>;

const identity = (bytes: Buffer): Buffer => bytes;

/** The contract's service, as grpc-js wants it, with codecs that do nothing. */
export const rawServiceDefinition: ServiceDefinition = Object.fromEntries(
  EventStoreService.methods.map((method): [string, RawMethod] => [
    method.name,
    {
      path: `/${EventStoreService.typeName}/${method.name}`,
      requestStream: method.methodKind === "client_streaming" || isBidi(method.methodKind),
      responseStream: method.methodKind === "server_streaming" || isBidi(method.methodKind),
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  ]),
);

function isBidi(kind: string): boolean {
  return kind === "bidi_streaming";
}
