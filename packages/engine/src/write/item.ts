import type { StoreError } from "../errors.js";
import type { AppendCommand } from "../request/append.js";
import type { Prepared } from "./decider.js";

/** One append on its way through the writer. */
export interface Item {
  readonly command: AppendCommand;
  /** Each stream that the decision depends on, once. */
  readonly streams: readonly string[];
  /** With the encoded `AppendResponse`. */
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: StoreError) => void;
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
