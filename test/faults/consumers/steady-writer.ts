import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema, AppendResponseSchema } from "@varve/proto";
import { newEvent } from "../../src/support/requests.ts";
import { type Answer, GrpcConnection, grpcBody, pathOf } from "../http2/grpc.ts";
import type { Random } from "../random.ts";

const EVENTS_MAX = 3;
const DATA_BYTES_MAX = 300;
/** An append that is not answered in this time is taken for lost, ms. */
const ANSWER_MS_MAX = 30_000;

/** Appends at a steady rate, whatever happens to others. */
export class SteadyWriter {
  readonly #connection: GrpcConnection;
  readonly #random: Random;
  readonly #intervalMs: number;
  readonly #stopping = new AbortController();
  readonly #pending = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  readonly ids: Map<number, string> = new Map();
  readonly failures: string[] = [];
  #head = 0;
  #acknowledged = 0;
  #slowestMs = 0;

  constructor(address: string, random: Random, intervalMs: number) {
    this.#connection = new GrpcConnection(address);
    this.#random = random;
    this.#intervalMs = intervalMs;
    this.#running = this.#run();
  }

  /** The highest position that was acknowledged. */
  get head(): number {
    return this.#head;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The longest that an append took, ms. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** Resolves when all that was sent is answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#pending);
    this.#connection.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const sent = this.#append();
      this.#pending.add(sent);
      void sent.then(() => this.#pending.delete(sent));
      await sleep(this.#intervalMs, undefined, { signal }).catch(() => {});
    }
  }

  async #append(): Promise<void> {
    const events = Array.from({ length: this.#random.integer(1, EVENTS_MAX) }, () => {
      const data = Buffer.alloc(this.#random.integer(0, DATA_BYTES_MAX), "x");
      return newEvent(`steady-${this.#random.integer(1, 20)}`, { id: this.#random.uuid(), data });
    });
    const request = toBinary(AppendRequestSchema, create(AppendRequestSchema, { events }));
    const startedMs = performance.now();
    const options = { timeoutMs: ANSWER_MS_MAX };
    const answer = await this.#connection.call(pathOf("Append"), grpcBody(request), options);
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedMs);
    this.#note(
      answer,
      events.map(({ event }) => event?.id ?? ""),
    );
  }

  #note({ status, reason, message, messages }: Answer, ids: readonly string[]): void {
    const [bytes] = messages;
    if (status !== 0 || !bytes) {
      this.failures.push(`status ${status ?? "none"} ${reason ?? ""} ${message}`.trim());
      return;
    }
    const { firstPosition, lastPosition } = fromBinary(AppendResponseSchema, bytes);
    for (const [i, id] of ids.entries()) this.ids.set(Number(firstPosition) + i, id);
    this.#acknowledged++;
    this.#head = Math.max(this.#head, Number(lastPosition));
  }
}
