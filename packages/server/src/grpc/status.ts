import { toBinary } from "@bufbuild/protobuf";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import type { StoreError } from "@varve/engine";
import { FailureSchema } from "@varve/proto";

/** Where gRPC clients look for typed details: an encoded `google.rpc.Status`. */
const DETAILS_KEY = "grpc-status-details-bin";

/** An error as grpc-js sends it: code, message, and the details in a trailer. */
export function toServiceError(error: StoreError): Partial<ServiceError> & Error {
  const metadata = new Metadata();
  // `Failure` has the fields of `google.rpc.Status`.
  metadata.set(DETAILS_KEY, Buffer.from(toBinary(FailureSchema, error.toFailure())));
  return Object.assign(new Error(error.message), {
    code: error.code,
    details: error.message,
    metadata,
  });
}
