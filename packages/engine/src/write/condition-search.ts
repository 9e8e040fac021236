import { ErrorReason } from "@varve/proto";
import { StoreError } from "../errors.js";
import type { SearchBudget } from "../index/search-budget.js";
import { select } from "../index/select.js";
import type { StreamIndex } from "../index/stream-index.js";
import type { EventLog } from "../log/event-log.js";
import { clauseKey, type EventFilter } from "../request/filter.js";
import { checkTags, type QueryCheck, type QueryProgress } from "./conditions.js";
import type { TagHeads } from "./tag-heads.js";

/** A query condition, and its place among the append's conditions. */
export interface PlacedQuery {
  readonly condition: number;
  readonly query: QueryCheck;
}

/** More tags than this are not looked at one by one. */
const TAGS_MAX = 16;

/**
 * Looks for the first durable events that break the query conditions of one append: one
 * condition after the other, and what they have in common once. Between two turns it
 * holds on to nothing but positions.
 */
export class ConditionSearch {
  readonly #progress: QueryProgress[];
  /** In this order they profit from one another. */
  readonly #order: readonly number[];
  /** Clauses without a match from a position, exclusive, up to the horizon. */
  readonly #ruledOut = new Map<string, number>();
  /** What was found of a filter, for conditions with a later `after`. */
  readonly #found = new Map<string, QueryProgress>();
  /** What comes later is for the decision. */
  readonly #horizon: number;
  #next = 0;

  /** `known`: what is known of each query already. */
  constructor(
    private readonly log: EventLog,
    private readonly streams: StreamIndex,
    private readonly tags: TagHeads,
    private readonly queries: readonly PlacedQuery[],
    private readonly known: readonly QueryProgress[],
    private readonly budget: SearchBudget,
  ) {
    this.#horizon = log.head;
    this.#progress = [...known];
    this.#order = queries
      .map((_, i) => i)
      .sort((a, b) => at(known, a).checkedTo - at(known, b).checkedTo || a - b);
  }

  get isDone(): boolean {
    return this.#next === this.#order.length;
  }

  /** Of each query, in their order. */
  get progress(): readonly QueryProgress[] {
    return this.#progress;
  }

  /** Goes on for about so many look-ups. Throws what ends the search, see `SearchBudget`. */
  async turn(lookUps: number): Promise<void> {
    const until = this.budget.lookUps + lookUps;
    while (!this.isDone) {
      const ordinal = at(this.#order, this.#next);
      try {
        if (!(await this.#search(ordinal, until))) return;
      } catch (error) {
        throw named(error, at(this.queries, ordinal).condition);
      }
      this.#next++;
    }
  }

  /** Whether it is done with a query. */
  async #search(ordinal: number, until: number): Promise<boolean> {
    const { query } = at(this.queries, ordinal);
    const { match, checkedTo } = at(this.#progress, ordinal);
    if (match || checkedTo >= this.#horizon) return true;
    const known = this.#knownOf(query.filter, checkedTo) ?? (await this.#ruledOutByTags(ordinal));
    if (known) {
      this.#progress[ordinal] = known;
      return true;
    }
    const filter = this.#withoutRuledOut(query.filter, checkedTo);
    const range = { first: checkedTo + 1, last: this.#horizon };
    const search = { filter, range, backwards: false, budget: this.budget };
    for await (const { events, runs, upTo } of select(this.log, this.streams, search)) {
      const position = runs[0]?.first;
      if (events && position !== undefined) {
        const header = events.header(position);
        this.#settle(ordinal, { match: { position, header }, checkedTo: position });
        return true;
      }
      this.#progress[ordinal] = { checkedTo: upTo };
      if (this.budget.lookUps >= until) return false;
    }
    this.#settle(ordinal, { checkedTo: this.#horizon });
    return true;
  }

  /** From an equal filter that was searched for from the same position, or one before. */
  #knownOf(filter: EventFilter, after: number): QueryProgress | undefined {
    const isRuledOut = filter.length > 0 && this.#withoutRuledOut(filter, after).length === 0;
    if (isRuledOut) return { checkedTo: this.#horizon };
    const found = this.#found.get(filterKey(filter));
    return found?.match && found.match.position > after ? found : undefined;
  }

  /** What its tags say may settle it, and is then known for the next one of this kind. */
  async #ruledOutByTags(ordinal: number): Promise<QueryProgress | undefined> {
    const { query } = at(this.queries, ordinal);
    const tags = query.filter.flatMap((clause) => clause.tags);
    if (tags.length > TAGS_MAX) return undefined;
    for (const tag of tags) {
      if (this.tags.get(tag) !== undefined) continue;
      await this.budget.lookUp(async () => [await this.tags.load(tag)]);
    }
    return checkTags(this.log, this.tags, query);
  }

  #withoutRuledOut(filter: EventFilter, after: number): EventFilter {
    if (this.#ruledOut.size === 0) return filter;
    return filter.filter((clause) => {
      const from = this.#ruledOut.get(clauseKey(clause));
      return from === undefined || from > after;
    });
  }

  #settle(ordinal: number, progress: QueryProgress): void {
    this.#progress[ordinal] = progress;
    const { filter } = at(this.queries, ordinal).query;
    if (progress.match) {
      this.#found.set(filterKey(filter), progress);
      return;
    }
    const from = at(this.known, ordinal).checkedTo;
    for (const clause of filter) {
      const key = clauseKey(clause);
      this.#ruledOut.set(key, Math.min(from, this.#ruledOut.get(key) ?? from));
    }
  }
}

/** Clauses in any order are the same filter. */
function filterKey(filter: EventFilter): string {
  return filter.map(clauseKey).sort().join("\n");
}

/** Says which condition it was. */
function named(error: unknown, condition: number): unknown {
  const isTooBroad = error instanceof StoreError && error.reason === ErrorReason.SEARCH_TOO_BROAD;
  return isTooBroad ? error.with({ condition: String(condition) }) : error;
}

/** REQUIRES: there is such an element. */
function at<T>(elements: readonly T[], i: number): T {
  return elements[i] as T;
}
