import { createRouterTransport } from "@connectrpc/connect";
import { createClient, type EventStoreClient } from "@varve/client";
import { databaseEncoding, EventStore, type EventStoreOptions, memoryStorage } from "@varve/engine";
import { MemoryLevel } from "memory-level";
import { eventStoreRoutes } from "./routes.js";

/** Options of a store for tests. */
export type TestStoreOptions = Pick<EventStoreOptions, "appendIdRetentionMs" | "clock" | "limits">;

/**
 * A store of its own, in this process and in memory: the server's engine behind
 * the type of client that programs use. Conditions, limits, errors and frames
 * are those of the server, because they are the server's. Closing it ends it.
 */
export function createTestStore(options: TestStoreOptions = {}): EventStoreClient {
  const storage = memoryStorage(() => new MemoryLevel(databaseEncoding));
  const store = new EventStore(storage, { version: "test", ...options });
  const transport = createRouterTransport(eventStoreRoutes(store));
  return createClient(transport, { close: () => store.close() });
}
