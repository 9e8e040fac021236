import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import type { EventStoreClient } from "@varve/client";
import { type Address, parseAddress } from "@varve/client/address";
import type { MaintenanceClient } from "@varve/client/maintenance";

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
  await reach(address);
  return sdk.connect(address, { workspace });
};

/** The same for maintenance. */
export const connectMaintenance: ConnectMaintenance = async (address) => {
  const sdk = await import("@varve/client/maintenance");
  await reach(address);
  return sdk.connectMaintenance(address);
};

/** Whether someone accepts a connection. Throws what the command is to say if not. */
async function reach(text: string): Promise<void> {
  const address = parseAddress(text);
  const { host, port } = address;
  const socket = connectSocket({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(REACH_TIMEOUT_MS) });
  } catch (cause) {
    const { UnreachableError } = await import("@varve/client");
    throw new UnreachableError(describe(cause, address), { cause });
  } finally {
    socket.destroy();
  }
}

/** What is wrong, and what to do about it on the command line. */
function describe(cause: unknown, { host, text }: Address): string {
  const { code = "", name, message } = cause as NodeJS.ErrnoException;
  const other = "name the address of the server with --address";
  if (code === "ECONNREFUSED") {
    return `nobody listens on ${text} (${code}); start a server with "varve serve", or ${other}`;
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `there is no host ${host} (${code}); ${other}`;
  }
  if (name === "AbortError") return `${text} does not answer in ${REACH_TIMEOUT_MS} ms; ${other}`;
  return `there is no way to ${text} (${code || message}); ${other}`;
}
