import type { StoreError } from "../errors.js";
import { SearchBudget } from "../index/search-budget.js";
import type { SearchTurns } from "../index/search-turns.js";
import type { StreamIndex } from "../index/stream-index.js";
import type { EventLog } from "../log/event-log.js";
import type { AppendIds } from "./append-ids.js";
import { ConditionSearch, type PlacedQuery } from "./condition-search.js";
import { checkRecent, checkTags, type QueryCheck, recentCost } from "./conditions.js";
import { CATCH_UP_MAX } from "./decider.js";
import type { Item } from "./item.js";
import type { StreamHeads } from "./stream-heads.js";
import type { TagHeads } from "./tag-heads.js";

/** What an append's conditions may take without waiting, in look-ups. */
const CHECK_NOW_MAX = 1024;
/** Tags of one append's conditions that are looked up at once; more are, one by one. */
const TAGS_AT_ONCE_MAX = 16;
/** Clauses of an append that is likely to take few look-ups: more are not among the first. */
const FIRST_CLAUSES_MAX = 32;
/** Look-ups of the first turn of a search, and of each further one. */
const FIRST_TURN_LOOK_UPS = 512;
const TURN_LOOK_UPS = 32_768;

export interface PreparerOptions {
  readonly turns: SearchTurns;
  /** Look-ups for the query conditions of one append. */
  readonly conditionLookUpsMax: number;
}

/** Reads from the database what appends need to be decided. */
export class Preparer {
  constructor(
    private readonly log: EventLog,
    private readonly streams: StreamIndex,
    private readonly heads: StreamHeads,
    private readonly ids: AppendIds,
    private readonly tags: TagHeads,
    private readonly options: PreparerOptions,
  ) {}

  /**
   * Looks at the item's query conditions with what is in memory. Returns what that took, in
   * look-ups; `undefined` if it is not enough, and they have to be searched for.
   */
  checkNow(item: Item): number | undefined {
    let cost = 0;
    if (item.command.conditions.length === 0) return cost;
    const checked = [];
    for (const { query } of queriesOf(item)) {
      cost += recentCost(this.log, query);
      const recent = cost <= CHECK_NOW_MAX ? checkRecent(this.log, query) : undefined;
      const progress = recent ?? checkTags(this.log, this.tags, query);
      if (!progress) return undefined;
      checked.push(progress);
    }
    item.queries = checked;
    return cost;
  }

  /**
   * Searches the log for what the item's query conditions ask, turn by turn, unless it is a
   * repeat. Throws what `endedBecause` gives, SEARCH_TOO_BROAD or DATA_CORRUPT.
   */
  async search(item: Item, endedBecause: () => StoreError | undefined): Promise<void> {
    const queries = queriesOf(item);
    if (item.queries.length === 0) {
      item.queries = queries.map(({ query }) => ({ checkedTo: query.after }));
    }
    const { identity } = item.command;
    if (identity && (this.ids.recent(identity.key) ?? this.ids.loadNow(identity.id))) return;
    const { turns, conditionLookUpsMax: lookUpsMax } = this.options;
    // Whoever comes back has been overtaken: that must end some time.
    if (item.budget) await item.budget.spend(CATCH_UP_MAX);
    item.budget ??= new SearchBudget(turns, { endedBecause, lookUpsMax });
    const { log, streams, tags } = this;
    const search = new ConditionSearch(log, streams, tags, queries, item.queries, item.budget);
    if (clausesOf(queries) <= FIRST_CLAUSES_MAX) {
      await turns.ofCondition("first", () => search.turn(FIRST_TURN_LOOK_UPS));
    }
    while (!search.isDone) await turns.ofCondition("further", () => search.turn(TURN_LOOK_UPS));
    item.queries = search.progress;
  }

  /**
   * Looks up the tags of items whose conditions have few: that is most often enough for
   * `checkNow`, and is then known for the next append of its kind. What cannot be read is
   * for `search` to tell.
   */
  async loadTags(items: readonly Item[]): Promise<void> {
    const wanted = new Set<string>();
    for (const item of items) {
      const tags = tagsOf(queriesOf(item));
      if (tags.size <= TAGS_AT_ONCE_MAX) for (const tag of tags) wanted.add(tag);
    }
    await Promise.allSettled([...wanted].map((tag) => this.tags.load(tag)));
  }

  /** Sets `prepared` of every item that is not refused, and pins its streams until `release`. */
  async prepare(items: readonly Item[]): Promise<void> {
    const wanted = items.filter(({ refusal }) => !refusal);
    try {
      await this.#prepare(wanted);
    } catch (error) {
      for (const item of wanted) this.#unpin(item);
      throw error;
    }
  }

  /**
   * The same at once, for an item that needs no more than what is in memory, and at most
   * one look-up of an append id. False, and nothing has happened, if it needs more.
   */
  prepareNow(item: Item): boolean {
    if (item.refusal) return true;
    const { identity } = item.command;
    const stored = identity && this.ids.loadNow(identity.id);
    if (!this.heads.pinKnown(item.streams)) return false;
    item.prepared = { queries: item.queries, stored };
    return true;
  }

  /** The item is decided, or has to be prepared again. */
  release(item: Item): void {
    if (item.prepared) this.#unpin(item);
  }

  #unpin(item: Item): void {
    item.prepared = undefined;
    this.heads.unpin(item.streams);
  }

  async #prepare(items: readonly Item[]): Promise<void> {
    const identities = items.flatMap(({ command }) => command.identity ?? []);
    const [outcomes] = await Promise.all([
      identities.length > 0 ? this.ids.load(identities.map(({ id }) => id)) : [],
      this.heads.pin(items.flatMap(({ streams }) => streams)),
    ]);
    let next = 0;
    for (const item of items) {
      const stored = item.command.identity && outcomes[next++];
      item.prepared = { queries: item.queries, stored };
    }
  }
}

function queriesOf({ command }: Item): readonly PlacedQuery[] {
  return command.conditions.flatMap((query, condition) =>
    isQuery(query) ? [{ query, condition }] : [],
  );
}

function tagsOf(queries: readonly PlacedQuery[]): ReadonlySet<string> {
  return new Set(queries.flatMap(({ query }) => query.filter.flatMap(({ tags }) => tags)));
}

function clausesOf(queries: readonly PlacedQuery[]): number {
  return queries.reduce((count, { query }) => count + query.filter.length, 0);
}

function isQuery(condition: Item["command"]["conditions"][number]): condition is QueryCheck {
  return condition.kind === "query";
}
