import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventStoreService } from "@varve/proto";
import { onTestFinished } from "vitest";
import type { OnEnd } from "./folder.js";

export type StoreClient = Client<typeof EventStoreService>;

/** A client with a connection of its own, which is cut in the end: that of the running test. */
export function connect(address: string, onEnd: OnEnd = onTestFinished): StoreClient {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  onEnd(() => sessionManager.abort());
  return createClient(EventStoreService, createGrpcTransport({ baseUrl, sessionManager }));
}
