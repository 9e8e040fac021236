/**
 * The Varve contract as TypeScript: message types, their schemas and the
 * service description, generated from `proto/varve/v1`. The `.proto` files are
 * the documentation of every element.
 */
export * from "../gen/varve/v1/condition_pb.js";
export * from "../gen/varve/v1/error_pb.js";
export * from "../gen/varve/v1/event_pb.js";
export * from "../gen/varve/v1/event_store_pb.js";
export * from "../gen/varve/v1/filter_pb.js";
export * from "../gen/varve/v1/maintenance_pb.js";
export * from "../gen/varve/v1/snapshot_pb.js";
