import type { StoreError } from "../errors.js";
import type { SearchBudget } from "../index/search-budget.js";
import type { AppendCommand } from "../request/append.js";
import type { QueryProgress } from "./conditions.js";
import type { Prepared } from "./decider.js";
import type { Lane } from "./lane.js";

/** The call that an append came with. */
export interface AppendCaller {
  /** Whether nobody waits for the answer any more: nothing is searched for it then. */
  readonly aborted: boolean;
  /** Whether its appends are decided in the order in which they come. Default: false. */
  readonly inOrder?: boolean;
}

/** One append on its way through the writer. */
export interface Item {
  readonly command: AppendCommand;
  readonly caller: AppendCaller | undefined;
  /** If the caller's appends are decided in order, and which of them this is. */
  readonly lane: Lane | undefined;
  readonly place: number;
  /** Each stream that the decision depends on, once. */
  readonly streams: readonly string[];
  /** With the encoded `AppendResponse`. */
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: StoreError) => void;
  /** What is known of each query condition, in order. */
  queries: readonly QueryProgress[];
  /** What its conditions have cost so far, once one had to be searched for. */
  budget?: SearchBudget;
  /** Why it is refused, if that is known before it is decided. */
  refusal?: StoreError;
  /** Absent until what the decision needs has been read. */
  prepared?: Prepared | undefined;
}

/** Each stream that the decision depends on, once. */
export function streamsOf({ events, conditions }: AppendCommand): readonly string[] {
  if (events.length === 1 && conditions.length === 0) return events.map(({ stream }) => stream);
  const streams = new Set<string>();
  for (const { stream } of events) streams.add(stream);
  for (const condition of conditions) {
    if (condition.kind === "stream") streams.add(condition.stream);
  }
  return [...streams];
}
