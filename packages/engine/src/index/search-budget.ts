import { type StoreError, searchTooBroad } from "../errors.js";
import type { SearchTurns } from "./search-turns.js";

export interface SearchBudgetOptions {
  /** Asked at every step: why the search is to end, if it is. */
  readonly endedBecause?: () => StoreError | undefined;
  /** Look-ups after which the search fails. Default: without a bound. */
  readonly lookUpsMax?: number | undefined;
}

/** What a read of the index costs besides its entries, in look-ups. */
const READ_COST = 4;

/**
 * What one call, or one append, may spend on searching. Every step of a search goes
 * through it: it counts look-ups (entries of the index and events that are looked at),
 * lets others go on, and ends the search with its call or at a stop.
 */
export class SearchBudget {
  #lookUps = 0;

  constructor(
    readonly turns: SearchTurns,
    private readonly options: SearchBudgetOptions = {},
  ) {}

  /** How many look-ups have been made. */
  get lookUps(): number {
    return this.#lookUps;
  }

  /**
   * Takes note of look-ups. To be waited for if it is a promise: others go on meanwhile.
   * Throws why the search ends, or SEARCH_TOO_BROAD.
   */
  spend(lookUps: number): Promise<void> | undefined {
    this.#count(lookUps);
    return this.turns.rest()?.then(() => this.#check());
  }

  /** Reads entries of the index when it is this search's turn. Throws like `spend`. */
  async lookUp<T extends readonly unknown[]>(read: () => Promise<T>): Promise<T> {
    const entries = await this.turns.lookUp(() => {
      this.#check();
      return read();
    });
    await this.spend(READ_COST + entries.length);
    return entries;
  }

  #count(lookUps: number): void {
    this.#lookUps += lookUps;
    const { lookUpsMax } = this.options;
    if (lookUpsMax !== undefined && this.#lookUps > lookUpsMax) throw searchTooBroad(lookUpsMax);
    this.#check();
  }

  #check(): void {
    const error = this.options.endedBecause?.();
    if (error) throw error;
  }
}
