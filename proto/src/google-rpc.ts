/** The standard error details (`google.rpc`) that Varve's errors carry. */
export {
  type BadRequest,
  BadRequestSchema,
  type ErrorInfo,
  ErrorInfoSchema,
} from "../gen/google/rpc/error_details_pb.js";
export { type Status, StatusSchema } from "../gen/google/rpc/status_pb.js";
