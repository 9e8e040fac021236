import { CONNECTION_OPTIONS, type ConnectOptions, openTransport } from "../connect.js";
import { checkMembers, membersOf } from "../wire/members.js";
import { createMaintenanceClient } from "./client.js";
import type { MaintenanceClient } from "./types.js";

/** Options of a maintenance client that connects to a server. */
export type ConnectMaintenanceOptions = Omit<ConnectOptions, "workspace" | "pipeline">;

const CONNECT_MAINTENANCE_OPTIONS = membersOf<ConnectMaintenanceOptions>({
  retry: true,
  timeoutMs: true,
  ...CONNECTION_OPTIONS,
});

/**
 * A maintenance client of the server at an address, with a connection of its own;
 * otherwise as `connect` of `@varve/client`.
 *
 * Throws `TypeError` for an address that is none, `TypeError` or `RangeError` for a
 * wrong option.
 */
export function connectMaintenance(
  address: string,
  options: ConnectMaintenanceOptions = {},
): MaintenanceClient {
  checkMembers(options, CONNECT_MAINTENANCE_OPTIONS, "options");
  const { transport, close } = openTransport(address, options);
  return createMaintenanceClient(transport, {
    close,
    ...(options.retry && { retry: options.retry }),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  });
}
