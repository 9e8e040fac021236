import type { FrameRoom, OutcomeRoom } from "@varve/engine";
import type { CallMemory, ConnectionUse } from "./call-memory.js";

/** A frame, its copy on the way to the network, and what was read ahead for the next. */
export const FRAME_COPIES = 3;

/** How a call is ended that holds too much: alone, or with its whole connection. */
export type Cut = (what: "call" | "connection") => void;

/** What one call holds in memory. */
export class CallShare implements FrameRoom, OutcomeRoom {
  readonly connection: ConnectionUse;
  readonly cut: Cut;
  readonly #memory: CallMemory;
  /** For a frame that is being prepared. */
  #reserved = 0;
  #received = 0;
  #sending = 0;
  #answering = false;
  #progressAtMs: number = performance.now();
  #closed = false;
  #admitted: (() => void) | undefined;

  constructor(memory: CallMemory, connection: ConnectionUse, cut: Cut) {
    this.#memory = memory;
    this.connection = connection;
    this.cut = cut;
  }

  /** Whether it holds something that its client is to take, or to send the rest of. */
  get waitsForClient(): boolean {
    return this.#sending > 0 || (this.#received > 0 && !this.#answering);
  }

  /** When the client last took something, or sent something to its end, ms. */
  get progressAtMs(): number {
    return this.#progressAtMs;
  }

  /** Whether there is room for one more frame now. */
  get hasRoom(): boolean {
    return !this.#closed && this.#memory.hasRoomForFrame(this.connection);
  }

  async take(): Promise<boolean> {
    if (this.hasRoom) {
      this.#reserve(this.#memory.reserveBytes);
    } else if (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#admitted = resolve;
        this.#memory.wait(this);
      });
    }
    return !this.#closed;
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
    this.#reserve(0);
    this.#hold(FRAME_COPIES * bytes);
    this.#sending += FRAME_COPIES * bytes;
  }

  /** The client, or the network, has taken a frame. */
  sent(bytes: number): void {
    this.#progress();
    this.#sending -= FRAME_COPIES * bytes;
    this.#hold(-FRAME_COPIES * bytes);
  }

  hold(bytes: number): boolean {
    if (this.#closed) return false;
    if (this.#memory.hasRoom(this.connection, bytes)) {
      this.#hold(bytes);
      this.#sending += bytes;
      return true;
    }
    // Its client does not take what there is already: there is no way to tell it more.
    this.cut("call");
    return false;
  }

  release(bytes: number): void {
    this.#sending -= bytes;
    this.#hold(-bytes);
  }

  /** Bytes have come in. False if there is no room for them. */
  receive(bytes: number): boolean {
    if (this.#closed || !this.#memory.hasRoom(this.connection, bytes)) return false;
    this.#hold(bytes);
    this.#received += bytes;
    return true;
  }

  /** All that the client has to send has come in. */
  answering(): void {
    this.#answering = true;
  }

  /** What has come in is dealt with. */
  consumed(bytes: number): void {
    this.#progress();
    this.#received -= bytes;
    this.#hold(-bytes);
  }

  /** The call is over: whatever it holds is free, and nothing waits for room any more. */
  close(): void {
    if (this.#closed) return;
    this.#hold(-this.#received - this.#sending);
    this.#reserve(0);
    this.#progress();
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
    if (this.#received + this.#sending === 0) this.#progressAtMs = performance.now();
    this.#memory.change(this.connection, "held", bytes);
  }

  #reserve(bytes: number): void {
    if (this.#closed) return;
    const change = bytes - this.#reserved;
    this.#reserved = bytes;
    if (change !== 0) this.#memory.change(this.connection, "reserved", change);
  }
}
