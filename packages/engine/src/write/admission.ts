import { asStoreError, type StoreError } from "../errors.js";
import { realTimers } from "../real-timers.js";
import type { Returned } from "./group.js";
import type { AppendCaller, Item } from "./item.js";
import { Lane } from "./lane.js";
import type { Preparer } from "./preparer.js";

/** What conditions may take in one turn of the event loop before others are answered, in look-ups. */
const LOOK_UPS_MAX = 4096;

/** The line that appends are admitted to. */
export interface Line {
  /** Puts an append at its end. */
  readonly enter: (item: Item) => void;
  /** Told that it has grown, or that there are more to admit. */
  readonly onMore: () => void;
  /** Why the search for an append is to end, if it is. */
  readonly endOf: (item: Item) => StoreError | undefined;
}

/**
 * Appends on their way into the writer's line. One whose conditions have to be searched for
 * joins the line only when that is done; nobody waits for it but what came after it in the
 * same call, if that is kept in order.
 */
export class Admission {
  readonly #arrived: Item[] = [];
  /** Searched for, or waiting for one that is. */
  readonly #aside = new Set<Item>();
  readonly #lanes = new WeakMap<AppendCaller, Lane>();

  constructor(
    private readonly preparer: Preparer,
    private readonly line: Line,
  ) {}

  /** What keeps the appends of a call in order; `undefined` if they need not be. */
  laneOf(caller: AppendCaller | undefined): Lane | undefined {
    if (!caller?.inOrder) return undefined;
    const lane = this.#lanes.get(caller) ?? new Lane();
    this.#lanes.set(caller, lane);
    return lane;
  }

  add(item: Item): void {
    this.#arrived.push(item);
  }

  /** Lets into the line what has arrived, but for what has to be looked up. */
  admit(): void {
    const unknown: Item[] = [];
    let lookUps = 0;
    let count = 0;
    while (count < this.#arrived.length && lookUps < LOOK_UPS_MAX) {
      const item = this.#arrived[count++] as Item;
      const cost = this.preparer.checkNow(item);
      if (cost === undefined) unknown.push(item);
      else this.#enter(item);
      lookUps += cost ?? 0;
    }
    this.#arrived.splice(0, count);
    if (unknown.length > 0) void this.#lookUp(unknown);
    if (this.#arrived.length > 0) realTimers.setImmediate(this.line.onMore);
  }

  /** Takes back what could not be decided, and lets in what waited for what was. */
  readmit({ stale, early }: Returned, decided: readonly Item[]): void {
    for (const item of stale) void this.#search(item);
    for (const item of early) this.#enter(item);
    for (const { lane } of decided) if (lane) this.#enterFollowing(lane);
  }

  /** All that have not entered. They are the caller's to answer from now on. */
  takeAll(): readonly Item[] {
    const all = [...this.#aside, ...this.#arrived.splice(0)];
    this.#aside.clear();
    return all;
  }

  #enter(item: Item): void {
    const { lane } = item;
    if (!lane) this.line.enter(item);
    else if (lane.enter(item)) {
      this.line.enter(item);
      this.#enterFollowing(lane);
    } else this.#aside.add(item);
  }

  #enterFollowing(lane: Lane): void {
    for (let item = lane.following(); item; item = lane.following()) {
      this.#aside.delete(item);
      this.line.enter(item);
    }
  }

  /**
   * What the tags of conditions settle is looked up together, so that it shares a group as
   * it would have without conditions. The rest is searched for.
   */
  async #lookUp(items: readonly Item[]): Promise<void> {
    for (const item of items) this.#aside.add(item);
    await this.preparer.loadTags(items);
    let lookUps = 0;
    for (const item of items) {
      // Another answer has been given if a write has failed meanwhile.
      if (!this.#aside.has(item)) continue;
      const cost = this.preparer.checkNow(item);
      if (cost === undefined) void this.#search(item);
      else if (this.#aside.delete(item)) this.#enter(item);
      lookUps += cost ?? 0;
      if (lookUps < LOOK_UPS_MAX) continue;
      lookUps = 0;
      await new Promise((resolve) => realTimers.setImmediate(resolve));
    }
    this.line.onMore();
  }

  /** Why it fails is told when it is its turn. */
  async #search(item: Item): Promise<void> {
    this.#aside.add(item);
    try {
      await this.preparer.search(item, () => this.line.endOf(item));
    } catch (cause) {
      item.refusal = asStoreError(cause);
    }
    // Another answer has been given if a write has failed meanwhile.
    if (!this.#aside.delete(item)) return;
    this.#enter(item);
    this.line.onMore();
  }
}
