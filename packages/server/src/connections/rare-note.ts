/** What may happen very often is told the first time, and then together, now and then. */
export class RareNote {
  #untold = 0;
  #pause: NodeJS.Timeout | undefined;

  /** `tell` is told how often it has happened since it was last told. `pauseMs`: default 10,000. */
  constructor(
    private readonly tell: (times: number) => void,
    private readonly pauseMs: number = 10_000,
  ) {}

  add(): void {
    this.#untold++;
    if (!this.#pause) this.#tellNow();
  }

  /** Tells what is not told yet, and no more. */
  stop(): void {
    clearTimeout(this.#pause);
    if (this.#untold > 0) this.tell(this.#untold);
    this.#untold = 0;
  }

  #tellNow(): void {
    this.#pause = undefined;
    if (this.#untold === 0) return;
    this.tell(this.#untold);
    this.#untold = 0;
    this.#pause = setTimeout(() => this.#tellNow(), this.pauseMs).unref();
  }
}
