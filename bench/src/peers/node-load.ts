import { runCallers, timeCalls } from "../load/loops.ts";
import type { Payload } from "../load/payload.ts";
import type { Work } from "../machine/meter.ts";
import { median } from "../statistics.ts";
import type { LogClient, PeerLoad, WorkloadId } from "./peer.ts";
import { makePool, type PoolEntry, Turns } from "./pool.ts";
import { peerWorkloadOf } from "./workloads.ts";

const FILL_BATCH = 100;

/** The workloads, done by a client in this process. */
export class NodeLoad implements PeerLoad {
  readonly #client: LogClient;
  readonly #pool = makePool();
  readonly #turns: Turns = new Turns(this.#pool);
  /** Of streams that nobody else appends to. */
  readonly #conditional: Turns = new Turns(makePool("conditional"));
  /** What the last append to each of those was answered with. */
  readonly #places = new Map<string, number>();
  #nextOfBatch = 0;

  constructor(client: LogClient) {
    this.#client = client;
  }

  async fill(events: number): Promise<void> {
    for (let left = events; left > 0; left -= FILL_BATCH) {
      await this.#appendBatch(Math.min(FILL_BATCH, left));
    }
  }

  count(): Promise<number> {
    return this.#client.count();
  }

  run(workload: WorkloadId, seconds: number): Promise<Work> {
    const { inFlight, eventsPerAppend } = peerWorkloadOf(workload);
    if (workload === "catch-up") return this.#readAll(seconds);
    if (workload === "one") return this.#timeOne(seconds);
    if (workload === "conditional") {
      return callers(inFlight, seconds, 1, () => this.#appendAfter());
    }
    return callers(inFlight, seconds, eventsPerAppend, () =>
      eventsPerAppend === 1 ? this.#append() : this.#appendBatch(eventsPerAppend),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  async #timeOne(seconds: number): Promise<Work> {
    const timesMs = await timeCalls(seconds, () => this.#append());
    return {
      events: timesMs.length,
      seconds: timesMs.reduce((sum, timeMs) => sum + timeMs, 0) / 1000,
      details: { p50Us: median(timesMs) * 1000 },
    };
  }

  async #readAll(seconds: number): Promise<Work> {
    const startedMs = performance.now();
    const expected = await this.#client.count();
    let events = 0;
    do {
      let seen = 0;
      await this.#client.readAll((event) => {
        if (event.amountCents !== undefined) seen++;
      });
      if (seen !== expected) throw new Error(`read ${seen} events in place of ${expected}`);
      events += seen;
    } while (performance.now() < startedMs + seconds * 1000);
    return { events, seconds: (performance.now() - startedMs) / 1000 };
  }

  #append(): Promise<void> {
    return this.#inTurn(this.#turns, ({ stream, payload }) => this.#client.append(stream, payload));
  }

  #appendBatch(size: number): Promise<void> {
    return this.#inTurn(this.#turns, ({ stream }) =>
      this.#client.appendBatch(stream, this.#batch(size)),
    );
  }

  #appendAfter(): Promise<void> {
    return this.#inTurn(this.#conditional, async ({ stream, payload }) => {
      const place = this.#places.get(stream);
      this.#places.set(stream, await this.#client.appendAfter(stream, payload, place));
    });
  }

  async #inTurn(turns: Turns, append: (entry: PoolEntry) => Promise<unknown>): Promise<void> {
    const entry = turns.begin();
    await append(entry);
    turns.end(entry);
  }

  #batch(size: number): readonly Payload[] {
    return Array.from({ length: size }, () => {
      const entry = this.#pool[this.#nextOfBatch++ % this.#pool.length] as PoolEntry;
      return entry.payload;
    });
  }
}

async function callers(
  count: number,
  seconds: number,
  eventsPerCall: number,
  call: () => Promise<unknown>,
): Promise<Work> {
  const { calls, seconds: taken } = await runCallers(count, seconds, call);
  return { events: calls * eventsPerCall, seconds: taken };
}
