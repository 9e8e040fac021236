import type { PendingAppend } from "./pending-append.js";

/** Appends that wait to be sent, in the order in which they were issued. */
export class AppendQueue {
  #appends: PendingAppend[] = [];
  /** Index of the first; what is before it has left. Moving the rest each time would be slow. */
  #first = 0;

  appends(): Iterable<PendingAppend> {
    return this.#appends.slice(this.#first);
  }

  push(append: PendingAppend): void {
    this.#appends.push(append);
  }

  /** The next to be sent, past those that nobody waits for. */
  peek(): PendingAppend | undefined {
    let append = this.#appends[this.#first];
    while (append?.settled === true) append = this.#appends[++this.#first];
    if (append === undefined) this.#reset([]);
    return append;
  }

  /** Removes what `peek` returned. */
  shift(): void {
    this.#first += 1;
    if (this.#first >= COMPACT_AT && this.#first * 2 >= this.#appends.length) {
      this.#reset(this.#appends.slice(this.#first));
    }
  }

  /** Takes back appends that were sent: each returns to its place in the order. */
  putBack(appends: readonly PendingAppend[]): void {
    const all = [...appends, ...this.#appends.slice(this.#first)];
    this.#reset(all.sort((a, b) => (a.correlation < b.correlation ? -1 : 1)));
  }

  /** Empties the queue. */
  drain(): PendingAppend[] {
    const rest = this.#appends.slice(this.#first);
    this.#reset([]);
    return rest.filter((append) => !append.settled);
  }

  #reset(appends: PendingAppend[]): void {
    this.#appends = appends;
    this.#first = 0;
  }
}

/** Appends that have left before the array is shortened. */
const COMPACT_AT = 1_024;
