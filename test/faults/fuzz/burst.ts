import type { Random } from "../random.ts";
import type { Ledger } from "./ledger.ts";

/** What a burst works with. */
export interface Target {
  /** HOST:PORT. */
  readonly address: string;
  readonly random: Random;
  /** Takes note of everything that could store an event. */
  readonly ledger: Ledger;
}

/** Input of one kind that no client should send, a lot of it. */
export interface Burst {
  readonly name: string;
  /** Resolves when the server has dealt with it, or has hung up. */
  run(target: Target): Promise<void>;
}
