import type { JsonObject, RecordedEvent } from "@varve/client";
import { deterministicIds } from "./ids.js";

/** An event to build. What is left out is made up, always in the same way. */
export interface RecordedEventInit {
  readonly stream: string;
  readonly type: string;
  /** A JSON value, or bytes. Default: `{}`. */
  readonly data?: unknown;
  /** Default: `application/json`, or for bytes `application/octet-stream`. */
  readonly contentType?: string;
  /** Default: `{}`. */
  readonly metadata?: JsonObject;
  /** Default: none. */
  readonly tags?: readonly string[];
  /** Default: the next of `deterministicIds`. */
  readonly id?: string;
  /** Default: the one after the highest so far, from 1. */
  readonly position?: bigint | number;
  /** Default: the one after the stream's highest so far, from 0. */
  readonly revision?: bigint | number;
  /** Default: the start for position 1, and a step later for each position after it. */
  readonly recordedAt?: Date;
}

/** A recorded event whose type and data are known to the compiler. */
export type BuiltEvent<Init extends RecordedEventInit> = RecordedEvent & {
  readonly type: Init["type"];
  readonly data: Init extends { readonly data: infer Data } ? Data : unknown;
};

/** Builds recorded events, in the order of a log. */
export type RecordedEvents = <const Init extends RecordedEventInit>(
  event: Init,
) => BuiltEvent<Init>;

/** How recorded events are built. */
export interface RecordedEventsOptions {
  /** When position 1 was recorded. Default: 2024-01-01T00:00:00Z. */
  readonly start?: Date;
  /** Time from one position to the next, ms. Default: 1,000. */
  readonly stepMs?: number;
  /** For the ids. Default: `recorded-events`. */
  readonly seed?: string | number;
}

const DEFAULT_START = new Date("2024-01-01T00:00:00Z");
const DEFAULT_STEP_MS = 1_000;
const encoder = new TextEncoder();

/**
 * A builder of recorded events as a subscription or a read would deliver them:
 * positions count up, revisions count up for each stream, times go on in steps.
 */
export function createRecordedEvents(options: RecordedEventsOptions = {}): RecordedEvents {
  const { start = DEFAULT_START, stepMs = DEFAULT_STEP_MS, seed = "recorded-events" } = options;
  const nextId = deterministicIds(seed);
  const revisions = new Map<string, bigint>();
  let head = 0n;
  return <const Init extends RecordedEventInit>(init: Init): BuiltEvent<Init> => {
    const last = revisions.get(init.stream) ?? -1n;
    const position = BigInt(init.position ?? head + 1n);
    const revision = BigInt(init.revision ?? last + 1n);
    head = max(head, position);
    revisions.set(init.stream, max(last, revision));
    const recordedAt =
      init.recordedAt ?? new Date(start.getTime() + Number(position - 1n) * stepMs);
    const place = { position, revision, stream: init.stream, recordedAt };
    return { ...place, ...contentOf(init, nextId) } as BuiltEvent<Init>;
  };
}

/** One recorded event: at position 1 and revision 0, unless it says otherwise. */
export function recordedEvent<const Init extends RecordedEventInit>(event: Init): BuiltEvent<Init> {
  return createRecordedEvents()(event);
}

function contentOf(
  init: RecordedEventInit,
  nextId: () => string,
): Omit<RecordedEvent, "position" | "revision" | "stream" | "recordedAt"> {
  const { id = nextId(), type, metadata = {}, tags = [] } = init;
  const metadataBytes = encoder.encode(JSON.stringify(metadata));
  return { id, type, metadata, metadataBytes, tags: [...tags], ...payloadOf(init) };
}

/** Data as a reader gets it: what JSON cannot carry is lost here, too. */
function payloadOf({
  data = {},
  contentType,
}: RecordedEventInit): Pick<RecordedEvent, "data" | "bytes" | "contentType"> {
  if (data instanceof Uint8Array) {
    return { data, bytes: data, contentType: contentType ?? "application/octet-stream" };
  }
  const text: string | undefined = JSON.stringify(data);
  if (text === undefined) throw new TypeError(`data must be JSON or bytes, is a ${typeof data}`);
  const bytes = encoder.encode(text);
  return { data: JSON.parse(text), bytes, contentType: contentType ?? "application/json" };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
