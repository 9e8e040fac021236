import type { FrameRoom } from "@varve/engine";
import { type CallMemory, type ConnectionUse, FRAME_COPIES } from "./call-memory.js";

/** How a call is ended that holds too much: alone, or with its whole connection. */
export type Cut = (what: "call" | "connection") => void;

/** What one call holds in memory. */
export class CallShare implements FrameRoom {
  readonly connection: ConnectionUse;
  readonly cut: Cut;
  readonly #memory: CallMemory;
  /** For a frame that is being prepared. */
  #reserved = 0;
  #held = 0;
  #progressAtMs: number = performance.now();
  #closed = false;
  #admitted: (() => void) | undefined;

  constructor(memory: CallMemory, connection: ConnectionUse, cut: Cut) {
    this.#memory = memory;
    this.connection = connection;
    this.cut = cut;
  }

  /** Whether there is anything that its client is to take, or to send the rest of. */
  get holds(): boolean {
    return this.#held > 0;
  }

  /** When the client last took something, or sent something to its end, ms. */
  get progressAtMs(): number {
    return this.#progressAtMs;
  }

  async take(): Promise<void> {
    if (this.#closed) return;
    if (this.#memory.hasRoom(this.connection, this.#memory.reserveBytes)) {
      this.#reserve(this.#memory.reserveBytes);
      return;
    }
    await new Promise<void>((resolve) => {
      this.#admitted = resolve;
      this.#memory.wait(this);
    });
  }

  /** There is room now for the frame that waits. */
  admit(): void {
    this.#reserve(this.#memory.reserveBytes);
    this.#admitted?.();
  }

  fill(bytes: number): void {
    this.#reserve(FRAME_COPIES * bytes);
  }

  /** A frame is on its way, for which there may have been room set aside. */
  sending(bytes: number): void {
    this.#hold(FRAME_COPIES * bytes);
    this.#reserve(0);
  }

  /** The client, or the network, has taken a frame. */
  sent(bytes: number): void {
    this.#progress();
    this.#hold(-FRAME_COPIES * bytes);
  }

  /** Bytes have come in. False if there is no room for them. */
  receive(bytes: number): boolean {
    if (this.#closed || !this.#memory.hasRoom(this.connection, bytes)) return false;
    this.#hold(bytes);
    return true;
  }

  /** What has come in is dealt with. */
  consumed(bytes: number): void {
    this.#progress();
    this.#hold(-bytes);
  }

  /** The call is over: whatever it holds is free, and nothing waits for room any more. */
  close(): void {
    if (this.#closed) return;
    this.#progress();
    this.#hold(-this.#held);
    this.#reserve(0);
    this.#closed = true;
    this.#memory.close(this);
    this.#admitted?.();
  }

  #progress(): void {
    this.#progressAtMs = performance.now();
    this.connection.progressAtMs = this.#progressAtMs;
  }

  #hold(bytes: number): void {
    if (this.#closed) return;
    if (this.#held === 0) this.#progressAtMs = performance.now();
    this.#held += bytes;
    this.#memory.change(this.connection, bytes);
  }

  #reserve(bytes: number): void {
    if (this.#closed) return;
    const change = bytes - this.#reserved;
    this.#reserved = bytes;
    if (change !== 0) this.#memory.change(this.connection, change);
  }
}
