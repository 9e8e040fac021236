import type { EventStoreClient } from "@varve/client";
import { ofCategory } from "../../src/support/requests.ts";
import type { SeenEvent, SubscriptionOperation } from "../history.ts";
import type { Violation } from "../scenario.ts";
import { seenBySdk } from "./sdk.ts";

const HEARTBEAT_MS = 100;
const POLL_MS = 5;

/** What a follower looks at: frames of everything, or of a category, or events one by one. */
export type FollowerKind = "frames" | "category" | "events";

/** A subscription of the SDK, from the first position on, over as many connections as it takes. */
export class SdkFollower {
  readonly #number: number;
  readonly #client: EventStoreClient;
  readonly #kind: FollowerKind;
  readonly #stopping = new AbortController();
  readonly #events: SeenEvent[] = [];
  readonly #running: Promise<void>;
  readonly violations: Violation[] = [];
  #completeUpTo = 0;
  #reconnects = 0;

  constructor(number: number, client: EventStoreClient, kind: FollowerKind) {
    this.#number = number;
    this.#client = client;
    this.#kind = kind;
    this.#running = this.#run().catch((error: unknown) => {
      const message = `a subscription of the SDK ended at position ${this.#completeUpTo}: ${error}`;
      this.violations.push({ guarantee: "G8", message });
    });
  }

  /** Times that it was connected anew. Known of frames alone. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Gives it time to reach a position that is durable, and ends it. */
  async end(position: number, timeoutMs: number): Promise<SubscriptionOperation> {
    const endMs = performance.now() + timeoutMs;
    while (this.#completeUpTo < position && performance.now() < endMs) {
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
    this.#stopping.abort();
    await this.#running;
    return {
      client: this.#number,
      after: 0,
      filter: this.#kind === "category" ? [ofCategory("sdk")] : undefined,
      events: this.#events,
      completeUpTo: this.#completeUpTo,
      awaited: position,
    };
  }

  async #run(): Promise<void> {
    const subscription = this.#client.subscribe({
      heartbeatIntervalMs: HEARTBEAT_MS,
      signal: this.#stopping.signal,
      ...(this.#kind === "category" && { filter: { category: "sdk" } }),
    });
    if (this.#kind === "events") {
      for await (const event of subscription) {
        this.#events.push(seenBySdk(event));
        this.#completeUpTo = Number(event.position);
      }
      return;
    }
    for await (const frame of subscription.frames()) {
      if (frame.kind === "events") this.#events.push(...frame.events.map(seenBySdk));
      if (frame.kind === "reconnected") this.#reconnects++;
      this.#completeUpTo = Number(frame.position);
    }
  }
}
