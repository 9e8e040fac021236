import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AppendRequestSchema,
  AppendResponseSchema,
  ReadRequestSchema,
  ReadResponseSchema,
} from "@varve/proto";
import { newEvent } from "../../src/support/requests.ts";
import { GrpcConnection, grpcBody, pathOf } from "../http2/grpc.ts";
import type { Random } from "../random.ts";
import type { Ledger } from "./ledger.ts";

const HEALTH_PATH = "/grpc.health.v1.Health/Check";
const SERVING = 1;
const STREAM = "well-behaved";
/** Ample: a server that needs so long does not answer. */
const ANSWER_MS_MAX = 20_000;
const READ_MAX = 5n;

/** A client that does nothing wrong, on one connection all the time. */
export class WellBehaved {
  readonly #connection: GrpcConnection;
  readonly #random: Random;
  readonly #ledger: Ledger;
  #slowestMs = 0;

  constructor(address: string, random: Random, ledger: Ledger) {
    this.#random = random;
    this.#connection = new GrpcConnection(address);
    this.#ledger = ledger;
  }

  /** The longest that the server took to answer, ms. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** Asks for the health, appends, and reads that back. Returns what was not as it should be. */
  async check(): Promise<string | undefined> {
    const health = await this.#call(HEALTH_PATH, Buffer.alloc(0));
    if (typeof health === "string") return health;
    if (health[0]?.[1] !== SERVING) return "the server says that it does not serve";
    const id = this.#random.uuid();
    const append = create(AppendRequestSchema, { events: [newEvent(STREAM, { id })] });
    const request = toBinary(AppendRequestSchema, append);
    const appended = await this.#call(pathOf("Append"), request);
    if (typeof appended === "string") return appended;
    const response = fromBinary(AppendResponseSchema, appended[0] as Buffer);
    this.#ledger.answered(request, response);
    return this.#checkRead(id, response.streams[0]?.lastRevision ?? 0n);
  }

  close(): void {
    this.#connection.close();
  }

  async #checkRead(id: string, revision: bigint): Promise<string | undefined> {
    const fromRevision = revision - READ_MAX < 0n ? 0n : revision - READ_MAX;
    const read = create(ReadRequestSchema, { stream: STREAM, fromRevision });
    const frames = await this.#call(pathOf("Read"), toBinary(ReadRequestSchema, read));
    if (typeof frames === "string") return frames;
    const events = frames.flatMap((bytes) => {
      const { frame } = fromBinary(ReadResponseSchema, bytes);
      return frame.case === "events" ? frame.value.events : [];
    });
    const last = events.at(-1);
    if (last?.event?.id === id && last.revision === revision) return undefined;
    return `event ${id} was appended, but a read ends with ${last?.event?.id} at ${last?.revision}`;
  }

  /** The messages of the answer, or how the call failed. */
  async #call(path: string, request: Uint8Array): Promise<readonly Buffer[] | string> {
    const startedMs = performance.now();
    const options = { timeoutMs: ANSWER_MS_MAX };
    const answer = await this.#connection.call(path, grpcBody(request), options);
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedMs);
    const { status, reason = "", message, messages } = answer;
    return status === 0
      ? messages
      : `${path} failed: ${status ?? "no status"} ${reason} ${message}`;
  }
}
