import type { JsonInput, JsonInputObject, JsonObject, SendableData } from "./json-types.js";
import type { Status } from "./status-types.js";

export type {
  HasToJson,
  JsonCompatible,
  JsonInput,
  JsonInputObject,
  JsonObject,
  JsonValue,
  SendableData,
} from "./json-types.js";
export type { Limits, Status, Verification } from "./status-types.js";

/**
 * An event to append. `Data` and `Metadata` are those of an event whose payload is
 * declared as an `interface`: `NewEvent<OrderPlaced>`; `append` checks that JSON can say
 * all of it.
 */
export interface NewEvent<Data = JsonInput | Uint8Array, Metadata = JsonInputObject | Uint8Array> {
  /** What happened, for example `order.Shipped`: 1 to 256 bytes. */
  readonly type: string;
  /**
   * The payload, at most 1 MiB encoded: what JSON can say, or bytes, which are sent
   * as they are. What JSON would lose without a word is refused with a `TypeError`:
   * `NaN`, a bigint, a function, a `Map`, `undefined` in an array … Members that are
   * `undefined` are left out; `toJSON` is heeded. Default: `{}`.
   */
  readonly data?: Data;
  /**
   * Media type of the data. Default: `application/json`, or for bytes
   * `application/octet-stream`.
   */
  readonly contentType?: string;
  /**
   * At most 64 KiB as JSON: an object, of which the same is refused as of `data`, or bytes,
   * the UTF-8 text of one, which is sent as it is: numbers keep every digit, members their
   * order. Well-known: `correlationId`, `causationId`, `actor`.
   */
  readonly metadata?: Metadata;
  /** Labels to find the event by: at most 32, each 1 to 256 bytes. */
  readonly tags?: readonly string[];
  /**
   * A UUID. Default: a new version 7 UUID, or in an append with an `appendId` one that
   * is made of this and of the event's place in the append: the same for the same append.
   */
  readonly id?: string;
}

/** An event to append, and the stream it goes to. */
export interface NewStreamEvent<
  Data = JsonInput | Uint8Array,
  Metadata = JsonInputObject | Uint8Array,
> extends NewEvent<Data, Metadata> {
  /** The stream: 1 to 512 bytes. */
  readonly stream: string;
}

/** An event to append, of which nothing is known yet. In `append` its stream is the append's. */
export interface AnyEvent extends NewEvent<unknown, object> {
  readonly stream?: string;
}

/** An event to append to one of several streams, of which nothing is known yet. */
export type AnyStreamEvent = NewStreamEvent<unknown, object>;

/**
 * The event itself, if it can be appended: JSON can say its data and metadata, and it has
 * no members that an event does not have. For functions that append events of whatever type:
 *
 *     function publish<Event extends AnyEvent>(event: AppendableEvent<Event>): void
 */
export type AppendableEvent<Event> = Event & {
  readonly [Member in keyof Event]: Member extends "data" | "metadata"
    ? SendableData<Event[Member]>
    : Member extends keyof AnyEvent
      ? Event[Member]
      : "an event has no such member";
};

/** An event as the store holds it. */
export interface RecordedEvent {
  /** Place in the log: 1, 2, 3 … */
  readonly position: bigint;
  /** Place in the stream: 0, 1, 2 … */
  readonly revision: bigint;
  readonly stream: string;
  /** By the server's clock, to the millisecond. */
  readonly recordedAt: Date;
  readonly id: string;
  readonly type: string;
  /**
   * The payload: parsed, on first use, if the content type is JSON; otherwise
   * the bytes. Throws `SyntaxError` if the content type is JSON and the bytes
   * are not.
   */
  readonly data: unknown;
  /** The payload as stored. */
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Parsed on first use. */
  readonly metadata: JsonObject;
  /** The metadata as stored: the UTF-8 text of a JSON object, or nothing. */
  readonly metadataBytes: Uint8Array;
  readonly tags: readonly string[];
}

/** What a stream must be: without events, with events, or at a last revision. */
export type ExpectedState = "no-stream" | "exists" | bigint | number;

/** The stream is in the expected state. It need not be written to. */
export interface StreamStateCondition {
  readonly stream: string;
  /** Never `undefined`; see `AppendOptions.expect`. */
  readonly expect: ExpectedState;
}

/** No event after a position matches a filter. */
export interface QueryCondition {
  readonly noEventMatches: Filter;
  /** Exclusive. Default: the whole log counts. */
  readonly after?: bigint | number;
}

/** What must hold for an append. */
export type Condition = StreamStateCondition | QueryCondition;

/** Chooses events: those that match any of at most 32 clauses. One clause may stand alone. */
export type Filter = FilterClause | readonly FilterClause[];

/** Matches events that have everything given here. An empty one matches every event. */
export interface FilterClause {
  /** One of these types, at most 64; a trailing `*` makes a prefix: `order.*`. */
  readonly types?: readonly string[];
  /** All of these tags. */
  readonly tags?: readonly string[];
  /** Exactly this stream. Not together with `category`. */
  readonly stream?: string;
  /**
   * Any stream whose name, up to the first `-`, is this. Empty: those whose name
   * begins with `-`.
   */
  readonly category?: string;
}

/** Options that every call takes. */
export interface CallOptions {
  /** Ends the call; its promise or iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * How long the server may keep the caller waiting, ms; then the call is ended and rejects
   * with a `TimeoutError`. For one answer: from the call to the answer, retries included. For
   * a read, a replay or a backup: for its first frame, and then for each of the others. For a
   * subscription: until it stands for the first time; from then on its heartbeats tell whether
   * it is alive. For each page of a listing. 1 or more; default: that of the client.
   */
  readonly timeoutMs?: number;
}

export interface AppendOptions extends CallOptions {
  /**
   * Expected state of the stream that is appended to. Default: any. Of a stream that may
   * be new, pass on `header.expect` of a read, or `lastRevision ?? "no-stream"`. An
   * `undefined` that is given is refused with a `TypeError`, since it would check nothing.
   */
  readonly expect?: ExpectedState;
  /** Further conditions; all must hold. */
  readonly conditions?: readonly Condition[];
  /**
   * A UUID that names this append: the same id with the same content is stored
   * once. Default: a new one for each call, so that the SDK's own retries are
   * safe. Pass one to make retries safe across restarts of the caller: events that
   * have no id get theirs from it, so the same append is the same again. An
   * `undefined` that is given is refused with a `TypeError`.
   */
  readonly appendId?: string;
}

export interface AppendResult {
  readonly firstPosition: bigint;
  readonly lastPosition: bigint;
  readonly recordedAt: Date;
  /** What was written in each stream, in order of first appearance. */
  readonly streams: readonly {
    readonly stream: string;
    readonly firstRevision: bigint;
    readonly lastRevision: bigint;
  }[];
  /** True if the append id had been stored before; this is the first result again. */
  readonly repeat: boolean;
}

export interface ReadOptions extends CallOptions {
  /** Lowest revision, inclusive. Default: 0. */
  readonly from?: bigint | number;
  /** Highest revision, inclusive. Default: the last. */
  readonly to?: bigint | number;
  /** Newest first. The range stays the same. Default: false. */
  readonly backwards?: boolean;
  /** At most this many events. Default: all. */
  readonly limit?: bigint | number;
  readonly filter?: Filter;
  /** The stream as it was at this time, inclusive; in the years 1 to 9999. Default: now. */
  readonly asOf?: Date;
  /**
   * Start with the latest snapshot of this schema type, if there is one, and
   * read only what follows it. Not together with `from`, `backwards` or `filter`.
   */
  readonly snapshot?: string;
}

/**
 * The answer to a read: iterate it for the events. Can be iterated once; leaving
 * the loop, or `return()` of its iterator, ends the call at once. The call is made when header or events are asked for,
 * and repeated after a lost connection only as long as nothing was answered. A
 * header that is asked for keeps the call open until it is iterated or aborted.
 */
export interface StreamRead extends AsyncIterable<RecordedEvent> {
  /** Resolves as soon as the server has answered, before the first event. */
  readonly header: Promise<ReadHeader>;
  /** All events at once. For streams that fit in memory. */
  toArray(): Promise<RecordedEvent[]>;
}

export interface ReadHeader {
  /** Whether the stream has events, as of the time asked for. */
  readonly exists: boolean;
  readonly lastRevision?: bigint;
  /**
   * What to pass on as `expect` of an append that rests on this read: the last revision,
   * or that there is no stream. With `asOf` it is the state as of then, so that the append
   * fails if anything has happened since.
   */
  readonly expect: bigint | "no-stream";
  /** Head when the read began: what to pass as `after` of a query condition. */
  readonly head: bigint;
  /** The snapshot that the events follow on, if one was asked for and found. */
  readonly snapshot?: Snapshot;
}

export interface ReplayOptions extends CallOptions {
  /** Lowest position, inclusive. Default: 1. */
  readonly from?: bigint | number;
  /** Highest position, inclusive. Default: the head. */
  readonly to?: bigint | number;
  /** Only events recorded at or after this time; in the years 1 to 9999. */
  readonly since?: Date;
  /** Only events recorded at or before this time; before `since` there are none. */
  readonly until?: Date;
  /** Newest first. The range stays the same. Default: false. */
  readonly backwards?: boolean;
  readonly limit?: bigint | number;
  readonly filter?: Filter;
  /** Called as the replay moves on, also where nothing matches. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  /** Everything up to here, in the direction of the replay, has been looked at. */
  readonly position: bigint;
  /** The range of the replay. */
  readonly from: bigint;
  readonly to: bigint;
}

/** The answer to a replay: iterate it for the events. Behaves as `StreamRead` does. */
export interface Replay extends AsyncIterable<RecordedEvent> {
  /** Resolves as soon as the server has answered, before the first event. */
  readonly header: Promise<{ readonly from: bigint; readonly to: bigint; readonly head: bigint }>;
}

export interface SubscribeOptions extends CallOptions {
  readonly filter?: Filter;
  /**
   * Where to start: at an end of the log, or after a position (exclusive), as
   * from a kept checkpoint. Default: `beginning`.
   */
  readonly start?: "beginning" | "end" | { readonly after: bigint | number };
  /** Silence after which the server sends a heartbeat, ms. 100 to 600,000; default 10,000. */
  readonly heartbeatIntervalMs?: number;
}

/**
 * What a subscription delivers. `position` is always safe to resume after,
 * except that of an event batch that was not wholly handled: there it is the
 * position of the last event handled.
 */
export type SubscriptionFrame =
  | { readonly kind: "confirmed"; readonly position: bigint; readonly head: bigint }
  | {
      readonly kind: "events";
      readonly position: bigint;
      readonly events: readonly RecordedEvent[];
    }
  | { readonly kind: "caught-up"; readonly position: bigint }
  | { readonly kind: "fell-behind"; readonly position: bigint; readonly head: bigint }
  | { readonly kind: "checkpoint"; readonly position: bigint }
  | { readonly kind: "heartbeat"; readonly position: bigint }
  /** The connection was lost and stands again; the order of events is unbroken. */
  | { readonly kind: "reconnected"; readonly position: bigint };

/**
 * A subscription: iterate it for its events, one by one, or iterate `frames()`
 * to see also how far it has come. Reconnects and resumes by itself, without a
 * gap or a repeat. Can be iterated once; leaving the loop ends it, and so does
 * `return()` of its iterator: at once, also while a `next()` is pending.
 *
 * Unlike other calls it ends without an error when its signal is aborted or the
 * client is closed. It rejects if the server refuses it, or cannot be reached
 * in the first place; once it stood, it tries to reconnect for ever.
 */
export interface Subscription extends AsyncIterable<RecordedEvent> {
  frames(): AsyncIterable<SubscriptionFrame>;
  /**
   * After this position (exclusive) a new subscription continues, and misses nothing: an event,
   * or a frame, counts once the next one is asked for. If the handler of an event throws, or the
   * loop is left, that event does not count, and comes again. Where frames are iterated, an
   * `events` frame counts as a whole. What is read ahead counts as well, as by `Readable.from`,
   * which asks for the next event before the one before is handled. `undefined` until the
   * subscription stands, if it did not start after a position.
   */
  readonly position: bigint | undefined;
}

export interface StreamInfo {
  readonly stream: string;
  readonly lastRevision: bigint;
  readonly eventCount: bigint;
  readonly firstRecordedAt: Date;
  readonly lastRecordedAt: Date;
  readonly lastPosition: bigint;
}

export interface ListStreamsOptions extends CallOptions {
  /** Only streams whose name starts with this. */
  readonly prefix?: string;
  /** Streams fetched per call, 1 to 1,000. Default: 500. */
  readonly pageSize?: number;
}

/** A saved state of a stream. */
export interface Snapshot {
  readonly stream: string;
  readonly revision: bigint;
  readonly schemaType: string;
  /** As `RecordedEvent.data`. */
  readonly data: unknown;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly savedAt: Date;
}

export interface NewSnapshot<Data = JsonInput | Uint8Array> {
  readonly stream: string;
  /** Revision of the last event that the state includes. */
  readonly revision: bigint | number;
  /** Names the shape of the state, for example `order-state/3`. */
  readonly schemaType: string;
  /** The state, at most 1 MiB encoded; what JSON would lose is refused as of an event's data. */
  readonly data: Data;
  readonly contentType?: string;
}

/**
 * One workspace of an event store. Every method rejects with a `VarveError`
 * (see `errors.ts`) if the server refuses, or cannot be reached after retries.
 */
export interface EventStoreClient extends AsyncDisposable {
  /**
   * Appends to one stream. Durable when the promise resolves. Rejects with `TypeError` or
   * `RangeError`, and sends nothing, if an argument is wrong.
   */
  append<Event extends AnyEvent>(
    stream: string,
    events: AppendableEvent<Event> | readonly AppendableEvent<Event>[],
    options?: AppendOptions,
  ): Promise<AppendResult>;
  append(
    stream: string,
    events: NewEvent | readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult>;
  /** Appends to several streams, all or nothing; the order is kept in the log. */
  appendMany<Event extends AnyStreamEvent>(
    events: readonly AppendableEvent<Event>[],
    options?: Omit<AppendOptions, "expect">,
  ): Promise<AppendResult>;
  appendMany(
    events: readonly NewStreamEvent[],
    options?: Omit<AppendOptions, "expect">,
  ): Promise<AppendResult>;
  read(stream: string, options?: ReadOptions): StreamRead;
  replay(options?: ReplayOptions): Replay;
  subscribe(options?: SubscribeOptions): Subscription;
  /** `undefined` if the stream has no event. */
  getStream(stream: string, options?: CallOptions): Promise<StreamInfo | undefined>;
  /** In the order of the names' UTF-8 bytes. Fetches page by page as it is iterated. */
  listStreams(options?: ListStreamsOptions): AsyncIterable<StreamInfo>;
  /** Resolves to false if a snapshot of the same schema type and a higher revision stays. */
  saveSnapshot<Data>(
    snapshot: NewSnapshot<Data & SendableData<Data>>,
    options?: CallOptions,
  ): Promise<boolean>;
  saveSnapshot(snapshot: NewSnapshot, options?: CallOptions): Promise<boolean>;
  getSnapshot(stream: string, options?: CallOptions): Promise<Snapshot | undefined>;
  status(options?: CallOptions): Promise<Status>;
  /** The same connection, another workspace; one that does not exist yet is without events. */
  workspace(name: string): EventStoreClient;
  /**
   * Ends running calls and closes the connection, for all workspaces. Resolves when it is
   * closed; one that does not close by itself, since nobody answers, is cut off after 1 s.
   */
  close(): Promise<void>;
}
