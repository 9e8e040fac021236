import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import { largeEvents } from "../../src/support/requests.ts";
import { checkPositions } from "../checkers/positions.ts";
import { checkRevisions } from "../checkers/revisions.ts";
import { Following } from "../consumers/following.ts";
import { MemoryWatch } from "../consumers/memory-watch.ts";
import { SLOW_STREAM } from "../consumers/never-reading.ts";
import { SteadyWriter } from "../consumers/steady-writer.ts";
import { Trouble } from "../consumers/trouble.ts";
import type { FinalLog } from "../history.ts";
import { GrpcConnection, grpcBody, pathOf } from "../http2/grpc.ts";
import { readFinalLog } from "../load.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";
import { FaultServer } from "../server.ts";

/**
 * What the server may have in memory, MiB. By its settings: 64 of appends that wait, 40 of
 * blocks, 256 that calls hold for slow clients, some 100 that it starts with; and what Node
 * adds to that: garbage not yet collected, and pages not yet given back.
 */
const MEMORY_MIB_MAX = 900;
/** What it may have once the slow clients are gone. */
const MEMORY_AFTER_MIB_MAX = 600;

const SUBSCRIBERS = 1000;
const SUBSCRIBERS_PER_CONNECTION = 100;
const WRITE_INTERVAL_MS = 50;
const LOG_MIB = 24;
const TROUBLE_MS = 8000;
const SETTLE_MS_MAX = 30_000;
const POLL_MS = 50;

export const consumers: Scenario = {
  name: "consumers",
  description:
    "1,000 subscribers that read, beside hundreds of clients that do not, or vanish, or send slowly, and thousands of calls; memory stays bounded and nobody else waits",
  rounds: 1,
  run,
};

async function run({ random, folder, signal }: Round): Promise<RoundReport> {
  await using server = await FaultServer.start({ folder, signal });
  const start = await grow(server.address);
  await using memory = new MemoryWatch(server);
  const memoryBefore = await memory.look();
  const writer = new SteadyWriter(server.address, random.fork(), WRITE_INTERVAL_MS);
  const readers = new Readers(server.address, start);
  await readers.reach(start + 1);
  const memoryReading = memory.maxMiB;
  const faults = await makeTrouble(server.address, random, memory);
  await sleep(TROUBLE_MS);
  await writer.stop();
  const reached = await readers.reach(writer.head);
  console.log(memory.maxMiB, reached, writer.acknowledged, writer.slowestMs, writer.failures);
  return {
    faults,
    counts: { memoryBefore, memoryReading, max: memory.maxMiB },
    violations: [],
  };
}

async function makeTrouble(address: string, random: Round["random"], memory: MemoryWatch) {
  await using trouble = await Trouble.start(address, random.fork());
  for (let i = 0; i < 8; i++) {
    await sleep(1000);
    console.log(await memory.look());
  }
  return trouble.faults;
}

/** Returns the head. */
async function grow(address: string): Promise<number> {
  const connection = new GrpcConnection(address);
  const events = largeEvents("before", 200, 10_000);
  for (let mib = 0; mib < LOG_MIB; mib += 2) {
    const request = toBinary(AppendRequestSchema, create(AppendRequestSchema, { events }));
    await connection.call(pathOf("Append"), grpcBody(request));
  }
  connection.close();
  return (LOG_MIB / 2) * events.length;
}

/** Subscribers that read, over several connections. */
class Readers {
  readonly #connections: GrpcConnection[] = [];
  readonly #all: Following[] = [];

  constructor(address: string, after: number) {
    for (let i = 0; i < SUBSCRIBERS; i++) {
      if (i % SUBSCRIBERS_PER_CONNECTION === 0) this.#connections.push(new GrpcConnection(address));
      this.#all.push(new Following(this.#connections.at(-1) as GrpcConnection, after));
    }
  }

  /** Waits until all of them have come so far. False if they do not. */
  async reach(position: number): Promise<boolean> {
    const endMs = performance.now() + SETTLE_MS_MAX;
    const isBehind = (one: Following): boolean => one.position < position;
    while (this.#all.some(isBehind) && performance.now() < endMs) await sleep(POLL_MS);
    return !this.#all.some(isBehind);
  }
}
