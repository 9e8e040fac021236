import type { EventStoreClient } from "@varve/client";
import { createClient } from "@varve/client/transport";
import { databaseEncoding, EventStore, type Limits, memoryStorage } from "@varve/engine";
import { MemoryLevel } from "memory-level";
import type { TestClock } from "./clock.js";
import { FaultInjector, type Faults } from "./faults.js";
import { localTransport } from "./local-transport.js";
import { eventStoreService } from "./routes.js";
import { SubscriptionWatch } from "./subscription-watch.js";

/** Options of a store for tests. */
export interface TestStoreOptions {
  /** What recorded times are taken from. Default: the time of day. */
  readonly clock?: TestClock;
  /** What requests may hold. Default: as the server's. */
  readonly limits?: Partial<Limits>;
  /** How long append ids are remembered, by the clock, ms. Default: 24 hours. */
  readonly appendIdRetentionMs?: number;
  /** How long a call may take, ms, as of a client that connects. Default: 30,000. */
  readonly timeoutMs?: number;
}

/** A client whose store is in this process, and what a test does to it. */
export interface TestStore extends EventStoreClient {
  /** Lets calls go wrong on purpose. */
  readonly faults: Faults;
  /** The names of the workspaces that something was appended to, in order. */
  workspaces(): Promise<readonly string[]>;
  /**
   * Resolves when every running subscription has been given everything there is,
   * and its loop asks for more. Never resolves while one stays behind.
   */
  idle(): Promise<void>;
  /**
   * Forgets everything: every workspace begins anew. Subscriptions that run end,
   * with an error if they had come further than nothing. Faults are cleared.
   */
  clear(): Promise<void>;
}

/**
 * A store of its own, in this process and in memory: the server's engine behind
 * the type of client that programs use. Conditions, limits, errors and frames
 * are the server's, because they come from the same code and pass through the
 * same messages. Every answer comes in a later turn of the event loop than its call,
 * so timers fire as they would beside a server; fake timers do not stop it.
 * Closing it ends it.
 */
export function createTestStore(options: TestStoreOptions = {}): TestStore {
  const faults = new FaultInjector();
  const watch = new SubscriptionWatch();
  let store = newStore(options);
  const transport = localTransport(eventStoreService({ store: () => store, faults, watch }));
  const { timeoutMs } = options;
  const client = createClient(transport, {
    close: () => store.close(),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  return Object.assign(client, {
    faults,
    workspaces: async () => (await store.listWorkspaces()).workspaces,
    idle: () => watch.idle(),
    clear: async () => {
      const old = store;
      faults.clear();
      store = newStore(options);
      await old.close();
    },
  });
}

/** Few, because room for them is made ahead: tests make many small stores. */
const streamHeadsMax = 1000;

function newStore({ clock, timeoutMs: _, ...options }: TestStoreOptions): EventStore {
  const storage = memoryStorage(() => new MemoryLevel(databaseEncoding));
  const time = clock && { clock: () => clock.now().getTime() };
  return new EventStore(storage, { version: "test", streamHeadsMax, ...options, ...time });
}
