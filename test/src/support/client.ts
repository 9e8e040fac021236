import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventStoreService } from "@varve/proto";
import { onTestFinished } from "vitest";

export type StoreClient = Client<typeof EventStoreService>;

/** A client with a connection of its own, which is cut when the test ends. */
export function connect(address: string): StoreClient {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onTestFinished(() => sessionManager.abort());
  return createClient(EventStoreService, createGrpcTransport({ baseUrl, sessionManager }));
}
