import type { DescService } from "@bufbuild/protobuf";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** Messages pass through as bytes: what is stored is served without being decoded. */
export type RawMethod = MethodDefinition<Buffer, Buffer>;

const identity = (bytes: Buffer): Buffer => bytes;

/** A service of the contract, as grpc-js wants it, with codecs that do nothing. */
export function rawServiceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method): [string, RawMethod] => [
      method.name,
      {
        path: `/${service.typeName}/${method.name}`,
        requestStream: method.methodKind === "client_streaming" || isBidi(method.methodKind),
        responseStream: method.methodKind === "server_streaming" || isBidi(method.methodKind),
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    ]),
  );
}

function isBidi(kind: string): boolean {
  return kind === "bidi_streaming";
}
