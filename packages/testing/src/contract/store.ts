import type { EventStoreClient } from "@varve/client";
import type { Limits } from "@varve/engine";

/** What the suite asks of a store that it is given. */
export interface ContractStoreOptions {
  /**
   * Limits that the store should have, so that their edges are cheap to reach.
   * Those that are not named, often all, keep their defaults.
   */
  readonly limits: Partial<Limits>;
}

/** A store that the suite is run against. */
export interface ContractStore {
  /** Leads to the store. The suite works in workspaces of its own, whatever this one's is. */
  readonly client: EventStoreClient;
  /**
   * The limits that were asked for, if the store has them. A store that cannot
   * change its limits leaves this out, and is tested at the defaults.
   */
  readonly limits?: Partial<Limits>;
  /**
   * Whether a subscription falls behind if nobody reads it while 20,000 events are
   * appended. Only then does the suite insist on it. Default: false.
   */
  readonly canBeOutrun?: boolean;
  /**
   * Stops the store and starts it again on the same data. After that `client`, read
   * anew, leads to it. If this is given, it is called between the steps of every
   * test: write, restart, read.
   */
  restart?(): Promise<void>;
  /** Ends the store, and frees all that it holds. Called once; its client is closed by then. */
  close(): Promise<void>;
}

/** Starts a store. Called when the first test that needs it runs. */
export type ContractStoreFactory = (options: ContractStoreOptions) => Promise<ContractStore>;

/** What the suite needs of a test runner: vitest, jest, mocha and `node:test` have it. */
export interface ContractRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
}
