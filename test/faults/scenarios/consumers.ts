import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import { largeEvents } from "../../src/support/requests.ts";
import { checkPositions } from "../checkers/positions.ts";
import { checkRevisions } from "../checkers/revisions.ts";
import { MemoryWatch } from "../consumers/memory-watch.ts";
import { readOfUnread, SLOW_STREAM } from "../consumers/never-reading.ts";
import { Readers } from "../consumers/readers.ts";
import { SteadyWriter } from "../consumers/steady-writer.ts";
import { Trouble, UNREAD_SENDERS } from "../consumers/trouble.ts";
import type { FinalLog, History } from "../history.ts";
import { GrpcConnection, grpcBody, pathOf } from "../http2/grpc.ts";
import { readFinalLog } from "../load.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";
import { FaultServer } from "../server.ts";
import { stopViolations } from "../server-log.ts";

/**
 * What the server may have in memory whatever its clients do, MiB. By its settings: 256
 * that calls hold for slow clients, 64 of appends that wait, 40 of blocks, for each of two
 * workspaces; 100 that it starts with; and the rest is what Node adds to that, garbage that
 * is not collected yet and memory that is not given back.
 */
const MEMORY_MIB_MAX = 900;

const READERS = 1000;
/** More than never-reading calls may hold: none of them comes to the end of it. */
const LOG_MIB = 24;
const WRITE_INTERVAL_MS = 50;
/** The second time must not take more than the first. */
const WAVES = 2;
const WAVE_MS = 5000;
/**
 * Appends that one call may have read whose outcomes nobody takes: 4,096 by its bound, and
 * those whose outcomes find a place in buffers and windows on the way.
 */
const UNREAD_APPENDS_MAX = 12_000;
const SETTLE_MS_MAX = 60_000;

export const consumers: Scenario = {
  name: "consumers",
  description:
    "1,000 subscribers that read, beside hundreds that do not, vanish or send slowly, and thousands of calls at once: memory stays bounded and nobody else has to wait",
  rounds: 1,
  run: async (round) => await new ConsumersRound(round).run(),
};

class ConsumersRound {
  readonly #round: Round;
  readonly #violations: Violation[] = [];
  readonly #faults: Record<string, number> = {};

  constructor(round: Round) {
    this.#round = round;
  }

  async run(): Promise<RoundReport> {
    const { folder, signal, random } = this.#round;
    await using server = await FaultServer.start({ folder, signal });
    const head = await grow(server.address);
    await using memory = new MemoryWatch(server);
    const readers = new Readers(server.address, READERS, head);
    const writer = new SteadyWriter(server.address, random.fork(), WRITE_INTERVAL_MS);
    const before = await memory.look();
    for (let wave = 0; wave < WAVES; wave++) await this.#trouble(server.address);
    const after = await memory.look();
    await writer.stop();
    await this.#checkReaders(readers, writer.head);
    readers.close();
    const log = await readFinalLog(server.address);
    this.#checkLog(log, writer);
    this.#checkMemory(memory);
    const unread = await readOfUnread(server.address);
    this.#checkUnread(unread);
    this.#violations.push(...stopViolations(await server.stop()));
    const counts = {
      "events delivered": READERS * (writer.head - head),
      "appends acknowledged": writer.acknowledged,
      "appends read whose outcomes were not taken": unread,
    };
    const peaks = {
      "MiB before": Math.round(before),
      MiB: Math.round(memory.maxMiB),
      "MiB after": Math.round(after),
      "ms for an append": Math.round(writer.slowestMs),
    };
    return { faults: this.#faults, counts, peaks, violations: this.#violations };
  }

  /** Lets clients come that cost more than they should, and go again. */
  async #trouble(address: string): Promise<void> {
    const { random, signal } = this.#round;
    await using trouble = await Trouble.start(address, random.fork());
    for (const [kind, count] of Object.entries(trouble.faults)) {
      this.#faults[kind] = (this.#faults[kind] ?? 0) + count;
    }
    await sleep(WAVE_MS, undefined, { signal }).catch(() => {});
  }

  async #checkReaders(readers: Readers, head: number): Promise<void> {
    const behind = await readers.behind(head, SETTLE_MS_MAX);
    if (behind > 0) {
      this.#violate("G8", `${behind} of ${READERS} readers did not come to position ${head}`);
    }
    for (const wrong of readers.wrong) this.#violate("G8", wrong);
  }

  #checkLog(log: FinalLog, writer: SteadyWriter): void {
    const nothing: History = { appends: [], reads: [], subscriptions: [] };
    this.#violations.push(...checkPositions(nothing, log), ...checkRevisions(nothing, log));
    for (const failure of writer.failures) {
      this.#violate("G12", `an append was not taken while others were slow: ${failure}`);
    }
    for (const [position, id] of writer.ids) {
      const found = log[position - 1]?.id;
      if (found === id) continue;
      this.#violate("G1", `event ${id} was acknowledged at ${position}, where ${found} is`);
    }
    const slow = log.find(({ stream }) => stream === SLOW_STREAM);
    if (slow) {
      this.#violate("G2", `position ${slow.position} is of an append that did not come to its end`);
    }
  }

  #checkMemory({ maxMiB }: MemoryWatch): void {
    if (maxMiB <= MEMORY_MIB_MAX) return;
    const most = Math.round(maxMiB);
    this.#violate("G12", `the server had ${most} MiB in memory, of ${MEMORY_MIB_MAX} at most`);
  }

  #checkUnread(appends: number): void {
    const most = WAVES * UNREAD_SENDERS * UNREAD_APPENDS_MAX;
    if (appends <= most) return;
    this.#violate(
      "G12",
      `${appends} appends were read whose outcomes nobody took, of ${most} at most`,
    );
  }

  #violate(guarantee: Violation["guarantee"], message: string): void {
    this.#violations.push({ guarantee, message });
  }
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
