/** The standard error details (`google.rpc`) that Varve's errors carry. */
export {
  BadRequestSchema,
  ErrorInfoSchema,
  type BadRequest,
  type ErrorInfo,
} from "../gen/google/rpc/error_details_pb.js";
export { StatusSchema, type Status } from "../gen/google/rpc/status_pb.js";
