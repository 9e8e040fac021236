import type { FilterClause } from "@varve/proto";
import type { FinalLog, SeenEvent } from "../history.ts";
import { matchesClause } from "./filter.ts";
import type { SentAppend } from "./sent-appends.ts";

/** An event of the final log, with what filters look at, which is known from the sender. */
export interface StoredEvent extends SeenEvent {
  readonly type: string;
  readonly tags: readonly string[];
}

/** The final log, to be asked what it was like at any position. */
export class StoredLog {
  /** In the order of the log. */
  readonly events: readonly StoredEvent[];
  readonly #byStream = new Map<string, StoredEvent[]>();
  readonly #byTag = new Map<string, StoredEvent[]>();
  readonly #byType = new Map<string, StoredEvent[]>();

  constructor(log: FinalLog, appends: readonly SentAppend[]) {
    const sent = new Map(appends.flatMap(({ events }) => events.map((event) => [event.id, event])));
    this.events = log.map((event) => {
      const { type = "", tags = [] } = sent.get(event.id) ?? {};
      return { ...event, type, tags };
    });
    for (const event of this.events) {
      add(this.#byStream, event.stream, event);
      add(this.#byType, event.type, event);
      for (const tag of new Set(event.tags)) add(this.#byTag, tag, event);
    }
  }

  get head(): number {
    return this.events.at(-1)?.position ?? 0;
  }

  /** In the order of the log. */
  stream(name: string): readonly StoredEvent[] {
    return this.#byStream.get(name) ?? [];
  }

  /** Where a revision of a stream is. */
  positionOf(stream: string, revision: number): number | undefined {
    return this.stream(stream)[revision]?.position;
  }

  /** The position of the first match after a position; `undefined` if there is none. */
  firstMatch(filter: readonly FilterClause[], after: number): number | undefined {
    if (filter.length === 0) return this.events[indexAfter(this.events, after)]?.position;
    const matches = filter.flatMap((clause) => this.#firstOf(clause, after) ?? []);
    return matches.length === 0 ? undefined : Math.min(...matches);
  }

  #firstOf(clause: FilterClause, after: number): number | undefined {
    const candidates = this.#candidates(clause);
    for (let i = indexAfter(candidates, after); i < candidates.length; i++) {
      const event = candidates[i] as StoredEvent;
      if (matchesClause(clause, event)) return event.position;
    }
    return undefined;
  }

  /** No more than need be looked at, so that many conditions on a long log are checked in time. */
  #candidates({ source, tags, types }: FilterClause): readonly StoredEvent[] {
    const [tag] = tags;
    const [type] = types;
    if (source.case === "stream") return this.stream(source.value);
    if (tag !== undefined) return this.#byTag.get(tag) ?? [];
    const exact = type !== undefined && types.length === 1 && !type.endsWith("*");
    return exact ? (this.#byType.get(type) ?? []) : this.events;
  }
}

/** How many of the events, which are in order, are at or before a position. */
export function indexAfter(events: readonly SeenEvent[], position: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.position ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

function add(lists: Map<string, StoredEvent[]>, key: string, event: StoredEvent): void {
  const list = lists.get(key);
  if (list) list.push(event);
  else lists.set(key, [event]);
}
