import type {
  AppendOptions,
  AppendResult,
  EventStoreClient,
  Limits,
  ListStreamsOptions,
  NewEvent,
  NewSnapshot,
  ReadOptions,
  RecordedEvent,
  Replay,
  ReplayOptions,
  Snapshot,
  Status,
  StreamInfo,
  StreamRead,
  SubscribeOptions,
  Subscription,
  SubscriptionFrame,
} from "@varve/client";

/** When every event of the fake is recorded. */
export const recordedAt: Date = new Date("2026-01-02T03:04:05.678Z");

/** A recorded event, of which a test gives what matters to it. */
export function recordedEvent(event: Partial<RecordedEvent> = {}): RecordedEvent {
  const bytes = event.bytes ?? Buffer.from("{}");
  const contentType = event.contentType ?? "application/json";
  const metadataBytes = event.metadataBytes ?? Buffer.from(JSON.stringify(event.metadata ?? {}));
  return {
    position: 1n,
    revision: 0n,
    stream: "order-1",
    id: "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a",
    type: "order.Placed",
    recordedAt,
    tags: [],
    ...event,
    bytes,
    metadataBytes,
    get metadata() {
      return JSON.parse(String(metadataBytes));
    },
    contentType,
    get data() {
      return contentType === "application/json" ? JSON.parse(String(bytes)) : bytes;
    },
  };
}

/** A client that keeps a log in an array, and what it was asked for. */
export class FakeClient implements EventStoreClient {
  readonly log: RecordedEvent[] = [];
  readonly asked: Record<string, unknown>[] = [];
  readonly #results = new Map<string, AppendResult>();
  readonly #snapshots = new Map<string, Snapshot>();
  /** Makes appends fail. Default: none does. */
  refuse: (event: NewEvent) => Error | undefined = () => undefined;
  /** What a subscription delivers before it waits for its signal. */
  frames: SubscriptionFrame[] = [];
  /** Called when these have been handled. */
  onDelivered: () => void = () => {};
  closed = false;

  async append(
    stream: string,
    events: NewEvent | readonly NewEvent[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    const event = [events].flat()[0] as NewEvent;
    this.asked.push({ stream, event, options });
    const earlier = this.#results.get(options.appendId ?? "");
    if (earlier !== undefined) return { ...earlier, repeat: true };
    // A while, as a server takes: other appends come between.
    await new Promise(setImmediate);
    const error = this.refuse(event);
    if (error !== undefined) throw error;
    return this.#store(stream, event, options.appendId);
  }

  #store(stream: string, event: NewEvent, appendId: string | undefined): AppendResult {
    const position = BigInt(this.log.length + 1);
    const revision = BigInt(this.log.filter((each) => each.stream === stream).length);
    const { type, contentType, metadata = {}, tags = [], id = "none" } = event;
    const metadataBytes =
      metadata instanceof Uint8Array ? metadata : Buffer.from(JSON.stringify(metadata));
    const place = { position, revision, stream };
    const bytes = Buffer.from(event.data as Uint8Array);
    const content = { type, metadataBytes, tags, id, bytes, ...(contentType && { contentType }) };
    this.log.push(recordedEvent({ ...place, ...content }));
    const result: AppendResult = {
      firstPosition: position,
      lastPosition: position,
      recordedAt,
      streams: [{ stream, firstRevision: revision, lastRevision: revision }],
      repeat: false,
    };
    if (appendId !== undefined) this.#results.set(appendId, result);
    return result;
  }

  read(stream: string, options: ReadOptions = {}): StreamRead {
    this.asked.push({ stream, options });
    const events = this.log.filter((event) => event.stream === stream);
    const head = BigInt(this.log.length);
    return {
      header: Promise.resolve({
        exists: events.length > 0,
        expect: events.at(-1)?.revision ?? "no-stream",
        head,
      }),
      toArray: async () => events,
      [Symbol.asyncIterator]: () => iterate(events),
    };
  }

  replay(options: ReplayOptions = {}): Replay {
    this.asked.push({ options });
    const range = { from: 1n, to: BigInt(this.log.length) };
    options.onProgress?.({ position: range.to, ...range });
    return {
      header: Promise.resolve({ ...range, head: range.to }),
      [Symbol.asyncIterator]: () => iterate(this.log),
    };
  }

  subscribe(options: SubscribeOptions = {}): Subscription {
    this.asked.push({ options });
    const frames = follow(this.frames, () => this.onDelivered(), options.signal);
    return {
      position: undefined,
      frames: () => frames,
      [Symbol.asyncIterator]: () => iterate(this.log),
    };
  }

  async getStream(stream: string): Promise<StreamInfo | undefined> {
    const events = this.log.filter((event) => event.stream === stream);
    const last = events.at(-1);
    return (
      last && {
        stream,
        lastRevision: last.revision,
        eventCount: BigInt(events.length),
        firstRecordedAt: recordedAt,
        lastRecordedAt: recordedAt,
        lastPosition: last.position,
      }
    );
  }

  async *listStreams({ prefix = "" }: ListStreamsOptions = {}): AsyncGenerator<StreamInfo> {
    const names = new Set(this.log.map(({ stream }) => stream));
    for (const name of [...names].filter((each) => each.startsWith(prefix)).sort()) {
      const info = await this.getStream(name);
      if (info) yield info;
    }
  }

  async status(): Promise<Status> {
    const head = BigInt(this.log.length);
    const times = { time: recordedAt, startedAt: recordedAt };
    return { version: "1.2.3", workspace: "w", head, ...times, limits };
  }

  async saveSnapshot({ stream, ...snapshot }: NewSnapshot): Promise<boolean> {
    const { revision, schemaType, contentType = "application/json" } = snapshot;
    const bytes = Buffer.from(snapshot.data as Uint8Array);
    const earlier = this.#snapshots.get(stream);
    if (earlier && earlier.revision >= BigInt(revision)) return false;
    const { data } = recordedEvent({ bytes, contentType });
    const content = { schemaType, bytes, contentType, data, savedAt: recordedAt };
    this.#snapshots.set(stream, { stream, revision: BigInt(revision), ...content });
    return true;
  }

  async getSnapshot(stream: string): Promise<Snapshot | undefined> {
    return this.#snapshots.get(stream);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  appendMany: () => never = notUsed;
  workspace: () => never = notUsed;

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const limits: Limits = {
  eventDataBytesMax: 1_048_576,
  appendBytesMax: 4_194_304,
  appendEventsMax: 4096,
  streamNameBytesMax: 512,
  typeBytesMax: 256,
  metadataBytesMax: 65_536,
  tagsMax: 32,
  tagBytesMax: 256,
  snapshotBytesMax: 1_048_576,
  messageBytesMax: 16_777_216,
  conditionsMax: 64,
  filterClausesMax: 32,
  filterTypesMax: 64,
  conditionLookUpsMax: 300_000,
};

async function* iterate(events: readonly RecordedEvent[]): AsyncGenerator<RecordedEvent> {
  yield* events;
}

async function* follow(
  frames: readonly SubscriptionFrame[],
  onDelivered: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<SubscriptionFrame> {
  yield* frames;
  onDelivered();
  if (signal?.aborted) return;
  await new Promise((resolve) => signal?.addEventListener("abort", resolve));
}

function notUsed(): never {
  throw new Error("No command uses this.");
}
