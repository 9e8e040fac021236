import { setTimeout as delay } from "node:timers/promises";
import type { EventStoreClient, SubscribeOptions } from "@varve/client";
import type { Limits } from "@varve/engine";
import { Followed } from "./followed.js";
import type { ContractStore } from "./store.js";

const run: string = crypto.randomUUID().slice(0, 8);
let workspaces = 0;

/** A workspace that nobody has used: not in this run, nor in an earlier one on the same data. */
function workspaceName(): string {
  workspaces += 1;
  return `t-${run}-${workspaces}`;
}

/** What one test works with. */
export class TestCase {
  /** New, unless the test uses a fixture. */
  workspace: string = workspaceName();
  readonly #store: ContractStore;
  readonly #end = new AbortController();

  constructor(
    store: ContractStore,
    /** In force, defaults included. */
    readonly limits: Limits,
  ) {
    this.#store = store;
  }

  /** Of the test's workspace. To be read anew after a restart. */
  get client(): EventStoreClient {
    return this.in(this.workspace);
  }

  get canBeOutrun(): boolean {
    return this.#store.canBeOutrun ?? false;
  }

  /** A client of another workspace. */
  in(workspace: string): EventStoreClient {
    return this.#store.client.workspace(workspace);
  }

  /** Stands between two steps of a test: restarts the store, if it is one that restarts. */
  async restart(): Promise<void> {
    await this.#store.restart?.();
  }

  /** A subscription that is taken frame by frame, and ends with the test. */
  follow(options: Omit<SubscribeOptions, "signal"> = {}): Followed {
    return new Followed(this.client.subscribe({ ...options, signal: this.#end.signal }));
  }

  /** Waits until the store's clock is later than it was: what follows is recorded later. */
  async tick(): Promise<void> {
    const { time } = await this.client.status();
    for (let tries = 0; tries < 1_000; tries++) {
      await delay(1);
      if ((await this.client.status()).time > time) return;
    }
    throw new Error("the store's clock stands still");
  }

  /** Ends what the test has left running. */
  end(): void {
    this.#end.abort();
  }
}
