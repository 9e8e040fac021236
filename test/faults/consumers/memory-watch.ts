import type { FaultServer } from "../server.ts";

const INTERVAL_MS = 50;

/** Keeps an eye on the resident memory of a server. */
export class MemoryWatch implements AsyncDisposable {
  readonly #server: FaultServer;
  readonly #timer: NodeJS.Timeout;
  #maxMiB = 0;

  constructor(server: FaultServer) {
    this.#server = server;
    this.#timer = setInterval(() => void this.look(), INTERVAL_MS);
  }

  /** The most that was seen, MiB. */
  get maxMiB(): number {
    return this.#maxMiB;
  }

  /** What it is now, MiB. */
  async look(): Promise<number> {
    // A process that is gone has none.
    const now = (await this.#server.memoryMiB().catch(() => 0)) || 0;
    this.#maxMiB = Math.max(this.#maxMiB, now);
    return now;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
  }
}
