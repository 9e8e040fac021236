/** What an iteration takes its items from: batches, asked for one after the other. */
export interface BatchSource<T> {
  /**
   * The next items, which may be none; `undefined` at the end. Rejects with what the
   * consumer is to be told. Not called while it is pending, nor after the end.
   */
  next(): Promise<readonly T[] | undefined>;
  /** Ends what runs, at once, also while `next` is pending. Called once. */
  end(): void;
}

/** A consumer that waits for an item. */
interface Waiting<T> {
  resolve(result: IteratorResult<T, void>): void;
  reject(reason: unknown): void;
}

const NONE: readonly never[] = [];

/**
 * The items of batches, one by one. Unlike that of an async generator, its `return`
 * waits for nothing: it ends the source at once, and whoever waits for an item is told
 * the end. An item that is there already costs one resolved promise.
 */
export class Iteration<T> implements AsyncGenerator<T, void, undefined> {
  readonly #source: BatchSource<T>;
  #items: readonly T[] = NONE;
  /** Items before this one have been handed out. */
  #next = 0;
  /** Items from this one on are not handed out. */
  #end = 0;
  /** How many of those handed out the consumer may still be busy with: 0 or 1. */
  #inHand = 0;
  #ended = false;
  /** In the order in which they asked. If anybody waits, no item is there. */
  readonly #waiting: Waiting<T>[] = [];

  constructor(source: BatchSource<T>) {
    this.#source = source;
  }

  /**
   * The last item of the batch that the consumer is done with, since it has asked for
   * more; `undefined` if there is none in it. An iteration that is left does not count
   * the item that the consumer had in hand.
   */
  get lastDone(): T | undefined {
    return this.#items[this.#next - this.#inHand - 1];
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#next === this.#end) return this.#wait();
    this.#inHand = 1;
    return Promise.resolve({ done: false, value: this.#items[this.#next++] as T });
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(reason: unknown): Promise<IteratorResult<T, void>> {
    this.#finish();
    return Promise.reject(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Hands out nothing more of this batch: the source is asked at once what comes next. */
  interrupt(): void {
    this.#end = this.#next;
  }

  #wait(): Promise<IteratorResult<T, void>> {
    // Who asks for the next is done with the one before.
    this.#inHand = 0;
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) void this.#fill();
    });
  }

  /** Takes batches until nobody waits any more. */
  async #fill(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#source.next();
        this.#hold(NONE);
        const items = await batch;
        if (this.#ended) return;
        if (items === undefined) return this.#finish();
        this.#hold(items);
        this.#handOut();
      }
    } catch (reason) {
      // Of those who wait the first one learns it; for the others this is the end.
      this.#waiting.shift()?.reject(reason);
      this.#finish();
    }
  }

  #hold(items: readonly T[]): void {
    this.#items = items;
    this.#next = 0;
    this.#end = items.length;
    this.#inHand = 0;
  }

  #handOut(): void {
    while (this.#next < this.#end) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      this.#inHand = 1;
      waiting.resolve({ done: false, value: this.#items[this.#next++] as T });
    }
  }

  #finish(): void {
    this.interrupt();
    if (this.#ended) return;
    this.#ended = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    this.#source.end();
  }
}
