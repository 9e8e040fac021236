import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import type { EventStoreClient } from "@varve/client";
import type { MaintenanceClient } from "@varve/client/maintenance";
import { wrongUse } from "./exit.js";

/** How commands get at a server. */
export type Connect = (address: string, workspace: string) => Promise<EventStoreClient>;

const REACH_TIMEOUT_MS = 5000;

/** How commands get at a server that they look after. */
export type ConnectMaintenance = (address: string) => Promise<MaintenanceClient>;

/**
 * A client of a workspace. If nobody listens at the address, it says so at once:
 * patience is for a server that was there. The SDK is loaded only now: help and
 * mistakes need none.
 */
export const connect: Connect = async (address, workspace) => {
  const sdk = await import("@varve/client");
  return reached(address, () => sdk.connect(address, { workspace }));
};

/** The same for maintenance. */
export const connectMaintenance: ConnectMaintenance = async (address) => {
  const sdk = await import("@varve/client/maintenance");
  return reached(address, () => sdk.connectMaintenance(address));
};

async function reached<T extends { close(): Promise<void> }>(
  address: string,
  create: () => T,
): Promise<T> {
  const client = createClient(create);
  await reach(address).catch(async (cause: unknown) => {
    await client.close();
    const { UnreachableError } = await import("@varve/client");
    throw new UnreachableError(describe(cause), { cause });
  });
  return client;
}

function createClient<T>(create: () => T): T {
  try {
    return create();
  } catch (error) {
    throw error instanceof TypeError ? wrongUse(`${error.message}.`) : error;
  }
}

/** Whether someone accepts a connection. Rejects with the system's reason. */
async function reach(address: string): Promise<void> {
  const { hostname, port } = new URL(address.includes("://") ? address : `http://${address}`);
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connectSocket({ host, port: Number(port || 80) });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(REACH_TIMEOUT_MS) });
  } finally {
    socket.destroy();
  }
}

/** A name with several addresses has one error for each. */
function describe(cause: unknown): string {
  if (cause instanceof AggregateError) return describe(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
