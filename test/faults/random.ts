/** Choices that can be made again from their seed. */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed;
  }

  /** At least 0, less than 1. */
  number(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From `first` to `last`, both inclusive. */
  integer(first: number, last: number): number {
    return first + Math.floor(this.number() * (last - first + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.number() < probability;
  }

  /** REQUIRES: not empty. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)] as T;
  }

  /** A UUID (version 4) made of this randomness. */
  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.integer(0, 15).toString(16));
    hex[12] = "4";
    hex[16] = (8 + this.integer(0, 3)).toString(16);
    const text = hex.join("");
    return [0, 8, 12, 16, 20].map((start, i, all) => text.slice(start, all[i + 1])).join("-");
  }

  /** A generator of its own, for something that runs beside. */
  fork(): Random {
    return new Random(this.integer(0, 2 ** 31 - 1));
  }
}
