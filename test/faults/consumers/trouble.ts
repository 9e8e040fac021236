import type { Random } from "../random.ts";
import {
  appendWithoutReading,
  openIdleAppends,
  openNeverReading,
  sendSlowly,
} from "./never-reading.ts";
import { CutOff, StoppedProcess } from "./vanished.ts";

/** How many of each kind. */
const NEVER_READING = { connections: 5, calls: 20 };
const STOPPED = 20;
const CUT_OFF = 20;
const SLOW_SENDERS = { connections: 5, calls: 20 };
/** Together they would send more than anything else, if they were let. */
export const UNREAD_SENDERS = 2;
/** As many calls as one connection may have. */
const THOUSANDS = 4096;

/** Clients of every kind that cost more than they should. They go when this is disposed. */
export class Trouble implements AsyncDisposable {
  readonly faults: Readonly<Record<string, number>> = {
    "calls never read": NEVER_READING.connections * NEVER_READING.calls,
    "subscribers stopped": STOPPED,
    "subscribers cut off": CUT_OFF,
    "slow senders": SLOW_SENDERS.connections * SLOW_SENDERS.calls,
    "senders that take no outcome": UNREAD_SENDERS,
    "calls opened by the thousand": 2 * THOUSANDS,
  };
  readonly #ending = new AbortController();
  readonly #ends: (() => unknown)[] = [];

  static async start(address: string, random: Random): Promise<Trouble> {
    const trouble = new Trouble();
    await trouble.#start(address, random);
    return trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#ends.map((end) => end()));
  }

  async #start(address: string, random: Random): Promise<void> {
    for (let i = 0; i < NEVER_READING.connections; i++) {
      const connection = await openNeverReading(address, NEVER_READING.calls);
      // Of some, the network takes nothing either.
      if (i % 2 === 0) connection.pause();
      this.#ends.push(() => connection.cut());
    }
    const stopped = await StoppedProcess.start(address, STOPPED);
    const cutOff = await CutOff.start(address, CUT_OFF, random.fork());
    this.#ends.push(
      () => stopped[Symbol.asyncDispose](),
      () => cutOff[Symbol.asyncDispose](),
    );
    for (let i = 0; i < SLOW_SENDERS.connections; i++) {
      const calls = SLOW_SENDERS.calls;
      const sending = sendSlowly(address, calls, random.fork(), this.#ending.signal);
      this.#ends.push(() => sending);
    }
    for (let i = 0; i < UNREAD_SENDERS; i++) {
      const connection = appendWithoutReading(address, random.fork());
      this.#ends.push(() => connection.close());
    }
    for (const open of [openNeverReading, openIdleAppends]) {
      const connection = await open(address, THOUSANDS);
      this.#ends.push(() => connection.cut());
    }
  }
}
