import { type StoreError, tooManyWorkspaces } from "../errors.js";
import { realTimers } from "../real-timers.js";

/** How long a call waits while no database is closed that has to be closed first, ms. */
const WAIT_MS = 5000;
/** How often it is looked meanwhile whether one can be closed by now, ms. */
const LOOK_MS = 100;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * A place for each database that may be open at a time; one that is being opened or closed
 * has one, too. Who finds none waits for one, in order, as long as places become free at all.
 */
export class Places {
  readonly #waiting: Waiting[] = [];
  #taken = 0;
  #lastGivenMs = 0;
  #look: NodeJS.Timeout | undefined;

  /** `onWanted`: asked to close so many databases, if there are some that nobody uses. */
  constructor(
    private readonly max: number,
    private readonly onWanted: (count: number) => void,
  ) {}

  /** How many wait for a place. */
  get wanted(): number {
    return this.#waiting.length;
  }

  /** Throws OVERLOADED if for some time no place becomes free. */
  async take(): Promise<void> {
    if (this.#taken < this.max) {
      this.#taken++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      if (this.#waiting.length === 0) this.#lastGivenMs = performance.now();
      this.#waiting.push({ resolve, reject });
      this.#look ??= realTimers.setInterval(() => this.#lookAgain(), LOOK_MS);
      this.onWanted(this.wanted);
    });
  }

  /** A database is closed, or was not opened after all: the place is for who waits longest. */
  give(): void {
    const next = this.#waiting.shift();
    if (!next) this.#taken--;
    this.#lastGivenMs = performance.now();
    this.#stopLooking();
    next?.resolve();
  }

  /** Everyone who waits is told why there will be no place. */
  refuseAll(because: StoreError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(because);
    this.#stopLooking();
  }

  #lookAgain(): void {
    const isInVain = performance.now() - this.#lastGivenMs > WAIT_MS;
    if (isInVain) this.refuseAll(tooManyWorkspaces(this.max));
    else this.onWanted(this.wanted);
  }

  #stopLooking(): void {
    if (this.#waiting.length > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }
}
