import type { PipelineLimits } from "../options.js";
import { AppendQueue } from "./append-queue.js";
import { InFlight } from "./in-flight.js";
import type { PendingAppend } from "./pending-append.js";

/**
 * The appends of a pipeline: those that wait, in the order in which they were
 * issued, and as many of them in flight as the limits allow.
 */
export class AppendWindow {
  readonly #limits: PipelineLimits;
  readonly #queue = new AppendQueue();
  readonly #inFlight = new InFlight();

  constructor(limits: PipelineLimits) {
    this.#limits = limits;
  }

  /** Whether an append waits to be sent. */
  get waiting(): boolean {
    return this.#queue.peek() !== undefined;
  }

  /** Whether nothing waits and nothing is in flight. */
  get empty(): boolean {
    return this.#inFlight.count === 0 && !this.waiting;
  }

  /** Everything that waits or is in flight, and may be settled. */
  *pending(): Iterable<PendingAppend> {
    yield* this.#inFlight.appends();
    yield* this.#queue.appends();
  }

  push(append: PendingAppend): void {
    this.#queue.push(append);
  }

  /** Takes back appends that were in flight: each returns to its place in the order. */
  putBack(appends: readonly PendingAppend[]): void {
    this.#queue.putBack(appends);
  }

  /** Moves what goes into the next frame into flight: as much as the limits allow, in order. */
  takeFrame(): PendingAppend[] {
    const frame: PendingAppend[] = [];
    let frameBytes = 0;
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (!this.#mayFly(next) || !this.#fits(next, frame.length, frameBytes)) break;
      this.#queue.shift();
      next.sending();
      this.#inFlight.add(next);
      frame.push(next);
      frameBytes += next.sizeBytes;
    }
    return frame;
  }

  /** Removes the append that was answered; `undefined` if none of this number is in flight. */
  answered(correlation: bigint): PendingAppend | undefined {
    return this.#inFlight.take(correlation);
  }

  /** Removes everything that is in flight. */
  drainInFlight(): PendingAppend[] {
    return this.#inFlight.drain();
  }

  /** Removes everything that waits. */
  drainWaiting(): PendingAppend[] {
    return this.#queue.drain();
  }

  #mayFly(append: PendingAppend): boolean {
    const { count, sizeBytes, alone } = this.#inFlight;
    if (count === 0) return true;
    if (alone || append.alone || count >= this.#limits.maxInFlightAppends) return false;
    return sizeBytes + append.sizeBytes <= this.#limits.maxInFlightBytes;
  }

  #fits(append: PendingAppend, frameCount: number, frameBytes: number): boolean {
    if (frameCount === 0) return true;
    if (frameCount >= this.#limits.maxFrameAppends) return false;
    return frameBytes + append.sizeBytes <= this.#limits.maxFrameBytes;
  }
}
