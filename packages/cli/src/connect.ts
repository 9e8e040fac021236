import type { EventStoreClient } from "@varve/client";
import { wrongUse } from "./exit.js";

/** How commands get at a server. */
export type Connect = (address: string, workspace: string) => Promise<EventStoreClient>;

/** A client of a workspace. The SDK is loaded only now: help and mistakes need none. */
export const connect: Connect = async (address, workspace) => {
  const client = await import("@varve/client");
  try {
    return client.connect(address, { workspace });
  } catch (error) {
    throw error instanceof TypeError ? wrongUse(`${error.message}.`) : error;
  }
};
