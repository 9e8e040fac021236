import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { MaintenanceService } from "@varve/proto";
import { onTestFinished } from "vitest";

export type MaintenanceClient = Client<typeof MaintenanceService>;

/** A client with a connection of its own, which is cut when the test ends. */
export function maintenanceClient(address: string): MaintenanceClient {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  return createClient(MaintenanceService, createGrpcTransport({ baseUrl, sessionManager }));
}
