import { turn } from "./turn.js";

/** One subscription, as far as its consumer has taken it. */
export interface WatchedSubscription {
  /** The consumer has been given something, and has not yet asked for more. */
  delivered(): void;
  /** The consumer has taken everything there is, and asks for more. */
  caughtUp(): void;
  ended(): void;
}

/** Knows whether every running subscription has caught up. */
export class SubscriptionWatch {
  readonly #behind = new Set<WatchedSubscription>();
  readonly #waiting: (() => void)[] = [];

  add(): WatchedSubscription {
    const watched: WatchedSubscription = {
      delivered: () => this.#behind.add(watched),
      caughtUp: () => this.#remove(watched),
      ended: () => this.#remove(watched),
    };
    this.#behind.add(watched);
    return watched;
  }

  /** Resolves when every subscription has caught up, and stays so for a turn. */
  async idle(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 2; quietTurns++) {
      // What was just appended reaches its subscribers within the turn.
      await turn();
      if (this.#behind.size === 0) continue;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      quietTurns = 0;
    }
  }

  #remove(watched: WatchedSubscription): void {
    this.#behind.delete(watched);
    if (this.#behind.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
