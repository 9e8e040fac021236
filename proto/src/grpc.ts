/** The standard services (`grpc.health`, `grpc.reflection`) that a Varve server offers. */
export {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.js";
/** The same messages under an earlier name, which many tools ask for first. */
export { ServerReflection as ServerReflectionV1Alpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
export { Health } from "../gen/health/v1/health_pb.js";
