import type { AppendInit } from "../../src/support/requests.ts";
import type { AppendOperation, FinalLog, History } from "../history.ts";
import { digestOf } from "../load/seen-event.ts";

/** An event as it was sent. */
export interface SentEvent {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly digest: string;
}

/** One append, with all attempts at it: those have the same append id. */
export interface SentAppend {
  readonly append: AppendInit;
  readonly events: readonly SentEvent[];
  /** In the order in which they began. */
  readonly attempts: readonly AppendOperation[];
  /** When the first attempt began. */
  readonly startedMs: number;
}

/** Every checker asks, and the digests take their time. */
const known = new WeakMap<History, readonly SentAppend[]>();

/** The appends of a history, by append id. */
export function sentAppends(history: History): readonly SentAppend[] {
  const before = known.get(history);
  if (before) return before;
  const appends = byAppendId(history);
  known.set(history, appends);
  return appends;
}

function byAppendId({ appends }: History): SentAppend[] {
  const attempts = new Map<string, AppendOperation[]>();
  for (const operation of appends.toSorted((a, b) => a.startedMs - b.startedMs)) {
    const id = operation.append.appendId ?? "";
    const others = attempts.get(id);
    if (others) others.push(operation);
    else attempts.set(id, [operation]);
  }
  return [...attempts.values()].map((operations) => {
    const [{ append, startedMs }] = operations as [AppendOperation];
    return { append, events: append.events.map(toSent), attempts: operations, startedMs };
  });
}

/** Where each event id is in the log; more than once, if it was stored so. */
export function placesById(log: FinalLog): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const { id, position } of log) {
    const others = places.get(id);
    if (others) others.push(position);
    else places.set(id, [position]);
  }
  return places;
}

/** For messages: which append it is. */
export function nameOf({ append, attempts }: Pick<SentAppend, "append" | "attempts">): string {
  const streams = [...new Set(append.events.map(({ stream }) => stream))];
  const shown = streams.slice(0, 3).join(", ") + (streams.length > 3 ? " …" : "");
  const clients = [...new Set(attempts.map(({ client }) => client))].join(" and ");
  const { length } = append.events;
  const count = length === 1 ? "1 event" : `${length} events`;
  return `append ${append.appendId} (client ${clients}, ${count} to ${shown})`;
}

function toSent({ stream = "", event = {} }: AppendInit["events"][number]): SentEvent {
  const { id = "", type = "", tags = [] } = event;
  return { stream, id, type, tags, digest: digestOf(event) };
}
