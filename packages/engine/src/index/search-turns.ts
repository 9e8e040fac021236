import { realTimers } from "../real-timers.js";

/** Look-ups of searches that may wait for the disk at a time: one thread is left to the writer. */
const LOOK_UPS_AT_ONCE = 3;
/**
 * Appends whose conditions are searched for at a time: those that begin, and those that
 * have turned out to take longer and hold up no one who has not.
 */
const CONDITIONS_AT_ONCE = 2;
/** What searches may take of one turn of the event loop, ms: others are answered in between. */
const LOOP_SHARE_MS = 4;
/** Entries of the index that all searches together may have read ahead, about. */
const READ_AHEAD_MAX = 131_072;
/** Entries that a cursor reads at a time, at the least and at the most. */
const CURSOR_READ_AHEAD_MIN = 4;
const CURSOR_READ_AHEAD_MAX = 512;

/**
 * What all searches of a store share, so that none of them holds up anybody: the
 * threads that read, the time of the event loop, and memory. Who comes first is
 * served first; a search asks anew for each small step, so that all get on alike.
 */
export class SearchTurns {
  readonly #lookUps = new Slots(LOOK_UPS_AT_ONCE);
  readonly #conditions = {
    first: new Slots(CONDITIONS_AT_ONCE),
    further: new Slots(CONDITIONS_AT_ONCE),
  };
  readonly #resting: (() => void)[] = [];
  #turnBeganMs = 0;
  #isTurnWatched = false;
  #cursors = 0;

  /** Makes one look-up when a thread may be used for it. */
  lookUp<T>(read: () => Promise<T>): Promise<T> {
    return this.#lookUps.run(read);
  }

  /** A turn of the search for an append's conditions. */
  ofCondition<T>(turn: "first" | "further", search: () => Promise<T>): Promise<T> {
    return this.#conditions[turn].run(search);
  }

  /**
   * To be asked after each small step. `undefined`: go on. Otherwise searches have had
   * their share of this turn of the event loop; resolves in a later one.
   */
  rest(): Promise<void> | undefined {
    if (!this.#isTurnWatched) this.#watchTurn();
    if (performance.now() - this.#turnBeganMs < LOOP_SHARE_MS) return undefined;
    return new Promise((resolve) => this.#resting.push(resolve));
  }

  /** Takes note of a cursor that is open until `closeCursors`. */
  openCursor(): void {
    this.#cursors++;
  }

  closeCursors(count: number): void {
    this.#cursors -= count;
  }

  /** How many entries a cursor may read at a time now. */
  get readAheadMax(): number {
    const share = Math.floor(READ_AHEAD_MAX / Math.max(1, this.#cursors));
    return Math.min(Math.max(share, CURSOR_READ_AHEAD_MIN), CURSOR_READ_AHEAD_MAX);
  }

  #watchTurn(): void {
    this.#isTurnWatched = true;
    this.#turnBeganMs = performance.now();
    realTimers.setImmediate(() => {
      this.#isTurnWatched = false;
      const next = this.#resting.shift();
      // The one that goes on now is the first in this turn; the rest wait for theirs.
      if (this.#resting.length > 0) this.#watchTurn();
      next?.();
    });
  }
}

/** So many at a time, in the order in which they came. */
class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
