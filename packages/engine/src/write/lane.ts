import type { Item } from "./item.js";

/**
 * The appends of one call, which are decided in the order in which they were sent. One
 * that has to search the log leaves the writer's line, and others pass it, but not those
 * of its own lane: they wait here until it is back.
 */
export class Lane {
  #sent = 0;
  /** Of which append it is the turn to enter the line, and to be decided. */
  #entering = 0;
  #deciding = 0;
  readonly #parked = new Map<number, Item>();

  /** The place of one more append. */
  next(): number {
    return this.#sent++;
  }

  /** Lets the item into the line if it is its turn; otherwise keeps it for `following`. */
  enter(item: Item): boolean {
    if (item.place !== this.#entering) {
      this.#parked.set(item.place, item);
      return false;
    }
    this.#entering++;
    return true;
  }

  /** An item that was kept, and has now entered the line. */
  following(): Item | undefined {
    if (this.#parked.size === 0) return undefined;
    const item = this.#parked.get(this.#entering);
    if (item) this.#parked.delete(this.#entering++);
    return item;
  }

  mayDecide(item: Item): boolean {
    return item.place === this.#deciding;
  }

  decided(item: Item): void {
    this.#deciding = item.place + 1;
    this.#entering = Math.max(this.#entering, this.#deciding);
  }

  /** It was in the line, and is to enter it anew. What follows it has to do so, too. */
  leave(item: Item): void {
    this.#entering = item.place;
  }
}
