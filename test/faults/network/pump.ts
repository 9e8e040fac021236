import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";

/** What a direction does with the bytes that come. */
export type Way =
  | { readonly kind: "open" }
  /** Every byte is late by so much. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** A few bytes at a time, one after the other. */
  | { readonly kind: "trickle"; readonly delayMs: number }
  /** Nothing arrives until there is another way: as when packets are lost, and sent anew. */
  | { readonly kind: "black hole" };

interface Chunk {
  readonly bytes: Buffer;
  readonly atMs: number;
}

/** What a network holds on its way; then the sender has to wait. Bytes. */
const HELD_MAX = 256 * 1024;
const TRICKLE_BYTES_MAX = 64;

/** One direction of a connection, from one socket to the other. */
export class Pump {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #random: Random;
  readonly #held: Chunk[] = [];
  #heldBytes = 0;
  #way: Way = { kind: "open" };
  #wake: () => void = () => {};
  #ended = false;

  constructor(from: Socket, to: Socket, random: Random) {
    this.#from = from;
    this.#to = to;
    this.#random = random;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    for (const event of ["drain", "close"]) to.on(event, () => this.#wake());
    void this.#run();
  }

  set way(way: Way) {
    this.#way = way;
    this.#wake();
  }

  #take(bytes: Buffer): void {
    this.#held.push({ bytes, atMs: performance.now() });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > HELD_MAX) this.#from.pause();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#to.destroyed) {
      const chunk = this.#way.kind === "black hole" ? undefined : this.#held.shift();
      if (chunk) await this.#pass(chunk);
      else if (this.#ended && this.#held.length === 0) break;
      else await this.#change();
    }
    // Whoever has no more to say, has no more to say to the other side.
    this.#to.end();
  }

  async #pass({ bytes, atMs }: Chunk): Promise<void> {
    this.#heldBytes -= bytes.length;
    if (this.#heldBytes <= HELD_MAX) this.#from.resume();
    for (let at = 0; at < bytes.length && !this.#to.destroyed; ) {
      const way = this.#way;
      if (way.kind === "slow") await sleep(Math.max(0, atMs + way.delayMs - performance.now()));
      if (way.kind === "trickle") await sleep(way.delayMs);
      const isTrickle = this.#way.kind === "trickle";
      const count = isTrickle ? this.#random.integer(1, TRICKLE_BYTES_MAX) : bytes.length;
      await this.#write(bytes.subarray(at, at + count));
      at += count;
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (!this.#to.writable || this.#to.write(bytes)) return;
    while (this.#to.writableNeedDrain && !this.#to.destroyed) await this.#change();
  }

  /** Resolves when anything is different. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
