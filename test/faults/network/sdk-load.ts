import { setTimeout as sleep } from "node:timers/promises";
import type { EventStoreClient } from "@varve/client";
import type { AppendOperation, History, ReadOperation } from "../history.ts";
import type { Random } from "../random.ts";
import type { Violation } from "../scenario.ts";
import { connectSdk } from "./sdk.ts";
import { type FollowerKind, SdkFollower } from "./sdk-follower.ts";
import { readBySdk } from "./sdk-reader.ts";
import { SdkWriter } from "./sdk-writer.ts";

const CLIENTS = 3;
const WRITERS = 4;
const READERS = 1;
const FOLLOWERS: readonly FollowerKind[] = ["frames", "category", "events"];
/** Numbers in the history that no client of the raw load has. */
const FIRST_NUMBER = 1000;
/** An append that takes longer once the network is well again is taken for lost, ms. */
const SETTLE_MS = 20_000;

export interface SdkResult extends Pick<History, "appends" | "reads" | "subscriptions"> {
  readonly violations: readonly Violation[];
  /** Times that a subscription was connected anew. */
  readonly reconnects: number;
}

/** Clients of the SDK that append, read and subscribe until they are stopped. */
export class SdkLoad {
  readonly #working = new AbortController();
  readonly #appends: AppendOperation[] = [];
  readonly #reads: ReadOperation[] = [];
  readonly #violations: Violation[] = [];
  readonly #clients: EventStoreClient[] = [];
  readonly #writers: SdkWriter[] = [];
  readonly #followers: SdkFollower[] = [];
  #work: Promise<unknown> = Promise.resolve();

  static async start(address: string, random: Random): Promise<SdkLoad> {
    const load = new SdkLoad();
    for (let i = 0; i < CLIENTS; i++) load.#clients.push(await connectSdk(address));
    const work = load.#clients.map((client, i) => load.#begin(FIRST_NUMBER + i, client, random));
    load.#work = Promise.all(work);
    return load;
  }

  /** Begins nothing new, and waits for what is on its way. The network is well again. */
  async settle(): Promise<void> {
    this.#working.abort();
    const late = sleep(SETTLE_MS, true, { ref: false });
    const isLate = await Promise.race([this.#work.then(() => false), late]);
    if (!isLate) return;
    const message = `appends of the SDK have no outcome ${SETTLE_MS} ms after the network was well again`;
    this.#violations.push({ guarantee: "G7", message });
  }

  /** Lets subscriptions come to the head, and ends everything. */
  async end(head: number): Promise<SdkResult> {
    const ends = this.#followers.map((follower) => follower.end(head, SETTLE_MS));
    const subscriptions = await Promise.all(ends);
    for (const client of this.#clients) await client.close();
    const violations = this.#followers.flatMap((follower) => follower.violations);
    return {
      appends: this.#appends,
      reads: this.#reads,
      subscriptions,
      violations: [...this.#violations, ...violations],
      reconnects: this.#followers.reduce((sum, { reconnects }) => sum + reconnects, 0),
    };
  }

  #begin(number: number, client: EventStoreClient, random: Random): Promise<unknown> {
    const context = {
      number,
      client,
      signal: this.#working.signal,
      appends: this.#appends,
      violations: this.#violations,
    };
    const writers = times(WRITERS, (n) => new SdkWriter(context, n, random.fork()));
    this.#writers.push(...writers);
    const streams = writers.map(({ stream }) => stream);
    const { signal } = context;
    const reading = { number, client, signal, streams, reads: this.#reads };
    this.#followers.push(...FOLLOWERS.map((kind) => new SdkFollower(number, client, kind)));
    return Promise.all([
      ...writers.map((writer) => writer.run()),
      ...times(READERS, () => readBySdk(reading, random.fork())),
    ]);
  }
}

function times<T>(count: number, make: (ordinal: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
