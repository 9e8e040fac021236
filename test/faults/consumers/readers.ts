import { setTimeout as sleep } from "node:timers/promises";
import { GrpcConnection } from "../http2/grpc.ts";
import { Following } from "./following.ts";

const PER_CONNECTION = 100;
const POLL_MS = 50;

/** Subscribers that read all that comes, over several connections. */
export class Readers {
  readonly #connections: GrpcConnection[] = [];
  readonly #all: Following[] = [];

  /** `after`: the position that all of them begin after. */
  constructor(address: string, count: number, after: number) {
    for (let i = 0; i < count; i++) {
      if (i % PER_CONNECTION === 0) this.#connections.push(new GrpcConnection(address));
      this.#all.push(new Following(this.#connections.at(-1) as GrpcConnection, after));
    }
  }

  /** What was not as it should be, of each of which it can be said. */
  get wrong(): readonly string[] {
    return this.#all.flatMap((one, i) => {
      return one.wrong === undefined
        ? []
        : [`reader ${i} at position ${one.position}: ${one.wrong}`];
    });
  }

  /** How many have not come so far, after waiting for them. */
  async behind(position: number, timeoutMs: number): Promise<number> {
    const endMs = performance.now() + timeoutMs;
    const isBehind = (one: Following): boolean => one.position < position;
    while (this.#all.some(isBehind) && performance.now() < endMs) await sleep(POLL_MS);
    return this.#all.filter(isBehind).length;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
