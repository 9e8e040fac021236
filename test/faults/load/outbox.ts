/** What is to be sent over a call, in order, while it lasts. */
export class Outbox<T> {
  readonly #queue: T[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  add(item: T): void {
    this.#queue.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *items(): AsyncGenerator<T> {
    for (;;) {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        yield next;
      }
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
