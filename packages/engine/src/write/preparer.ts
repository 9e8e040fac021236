import type { StreamIndex } from "../index/stream-index.js";
import type { EventLog } from "../log/event-log.js";
import type { AppendCondition } from "../request/condition.js";
import type { AppendIds } from "./append-ids.js";
import {
  checkDurable,
  checkRecent,
  checkTags,
  type QueryCheck,
  type QueryProgress,
} from "./conditions.js";
import type { Prepared } from "./decider.js";
import type { Item } from "./item.js";
import type { StreamHeads } from "./stream-heads.js";
import type { TagHeads } from "./tag-heads.js";

/** Reads from the database what appends need to be decided, many at a time. */
export class Preparer {
  constructor(
    private readonly log: EventLog,
    private readonly streams: StreamIndex,
    private readonly heads: StreamHeads,
    private readonly ids: AppendIds,
    private readonly tags: TagHeads,
  ) {}

  /** Sets `prepared` of every item, and pins its streams until `release`. */
  async prepare(items: readonly Item[]): Promise<void> {
    try {
      await this.#prepare(items);
    } catch (error) {
      for (const item of items) this.release(item);
      throw error;
    }
  }

  /**
   * The same at once, for an item that needs no more than what is in memory, and at most
   * one look-up of an append id. False, and nothing has happened, if it needs more.
   */
  prepareNow(item: Item): boolean {
    const { conditions, identity } = item.command;
    const queries = conditions.length === 0 ? NONE : this.#checkRecent(conditions);
    if (!queries) return false;
    const stored = identity && this.ids.loadNow(identity.id);
    if (!this.heads.pinKnown(item.streams)) return false;
    item.prepared = { queries, stored };
    return true;
  }

  #checkRecent(conditions: readonly AppendCondition[]): Prepared["queries"] | undefined {
    const checked: QueryProgress[] = [];
    for (const condition of conditions) {
      if (condition.kind !== "query") continue;
      const progress = this.#checkNow(condition);
      if (!progress) return undefined;
      checked.push(progress);
    }
    return checked;
  }

  #checkNow(query: QueryCheck): QueryProgress | undefined {
    return checkRecent(this.log, query) ?? checkTags(this.log, this.tags, query);
  }

  /** The item is decided, or has to be prepared again. */
  release(item: Item): void {
    item.prepared = undefined;
    this.heads.unpin(item.streams);
  }

  async #prepare(items: readonly Item[]): Promise<void> {
    const identities = items.flatMap(({ command }) => command.identity ?? []);
    const [outcomes, queries] = await Promise.all([
      identities.length > 0 ? this.ids.load(identities.map(({ id }) => id)) : [],
      this.#checkQueries(items),
      this.heads.pin(items.flatMap(({ streams }) => streams)),
    ]);
    let next = 0;
    for (const item of items) {
      const stored = item.command.identity && outcomes[next++];
      item.prepared = { queries: queries.get(item) ?? NONE, stored };
    }
  }

  /** Most appends have none. */
  async #checkQueries(items: readonly Item[]): Promise<ReadonlyMap<Item, Prepared["queries"]>> {
    const checked = new Map<Item, Prepared["queries"]>();
    const checkItem = async (item: Item): Promise<void> => {
      const queries = item.command.conditions.filter((c): c is QueryCheck => c.kind === "query");
      if (queries.length === 0) return;
      checked.set(item, await Promise.all(queries.map((query) => this.#checkQuery(query))));
    };
    const conditional = items.filter(({ command }) => command.conditions.length > 0);
    await Promise.all(conditional.map(checkItem));
    return checked;
  }

  /** What its tags say may settle it, and is then known for the next one of this kind. */
  async #checkQuery(query: QueryCheck): Promise<QueryProgress> {
    const tags = query.filter.flatMap((clause) => clause.tags);
    if (tags.length <= TAGS_MAX) await Promise.all(tags.map((tag) => this.tags.load(tag)));
    return this.#checkNow(query) ?? checkDurable(this.log, this.streams, query);
  }
}

/** More tags than this are not looked at one by one. */
const TAGS_MAX = 16;

const NONE: Prepared["queries"] = [];
