import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { EventStore } from "@varve/engine";
import {
  BackupRequestSchema,
  ListWorkspacesRequestSchema,
  ListWorkspacesResponseSchema,
} from "@varve/proto";
import type { Calls } from "../grpc/calls.js";

/** Every RPC of the maintenance service, on the engine. */
export function maintenanceHandlers(store: EventStore, calls: Calls): UntypedServiceImplementation {
  return {
    ListWorkspaces: calls.unary(ListWorkspacesRequestSchema, ListWorkspacesResponseSchema, () =>
      store.listWorkspaces(),
    ),
    Backup: calls.serverStream(BackupRequestSchema, (request) => store.backup(request)),
  };
}
