import { toBinary } from "@bufbuild/protobuf";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import type { StoreError } from "@varve/engine";
import { FailureSchema } from "@varve/proto";

/** Where gRPC clients look for typed details: an encoded `google.rpc.Status`. */
const DETAILS_KEY = "grpc-status-details-bin";

/**
 * Errors travel in HTTP/2 trailers, which many clients bound to 8 KiB, and whose
 * excess costs them the connection. What is binary grows by a third on its way.
 */
const DETAIL_BYTES_MAX = 3 * 1024;
/** The same for the message, of which every byte may become three. */
const MESSAGE_CHARACTERS_MAX = 256;

/** An error as grpc-js sends it: code, message, and the details in a trailer. */
export function toServiceError(error: StoreError): Partial<ServiceError> & Error {
  const metadata = new Metadata();
  // `Failure` has the fields of `google.rpc.Status`.
  const failure = error.toFailure(DETAIL_BYTES_MAX);
  const message = shortened(error.message);
  metadata.set(DETAILS_KEY, Buffer.from(toBinary(FailureSchema, { ...failure, message })));
  return Object.assign(new Error(message), { code: error.code, details: message, metadata });
}

function shortened(message: string): string {
  const characters = Array.from(message);
  if (characters.length <= MESSAGE_CHARACTERS_MAX) return message;
  return `${characters.slice(0, MESSAGE_CHARACTERS_MAX - 1).join("")}…`;
}
