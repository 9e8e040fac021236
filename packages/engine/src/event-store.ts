import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type BackupRequest,
  ErrorReason,
  type GetSnapshotRequest,
  type GetSnapshotResponse,
  GetSnapshotResponseSchema,
  type GetStatusRequest,
  type GetStatusResponse,
  GetStatusResponseSchema,
  type GetStreamRequest,
  type GetStreamResponse,
  GetStreamResponseSchema,
  type ListStreamsRequest,
  type ListStreamsResponse,
  ListStreamsResponseSchema,
  type ListWorkspacesResponse,
  ListWorkspacesResponseSchema,
  type ReadRequest,
  type ReplayRequest,
  type SaveSnapshotRequest,
  type SaveSnapshotResponse,
  SaveSnapshotResponseSchema,
  type StreamInfo,
  StreamInfoSchema,
  type SubscribeRequest,
} from "@varve/proto";
import { backup, parseBackup } from "./backup/backup.js";
import { asStoreError, type StoreError } from "./errors.js";
import type { StreamFacts } from "./index/stream-index.js";
import { defaultLimits, type Limits, limitsMessage } from "./limits.js";
import { parseRead } from "./read/read-query.js";
import { readInMemory, readStream } from "./read/read-stream.js";
import { parseReplay, replay } from "./read/replay.js";
import { parseSubscribe, type SubscribeOptions, subscribe } from "./read/subscribe.js";
import { type AppendCommand, parseAppend } from "./request/append.js";
import { FieldChecks, workspaceName } from "./request/fields.js";
import { parseListStreams, parseSnapshot } from "./request/unary.js";
import { Verifications } from "./verify/verifications.js";
import { type VerifyOptions, type VerifyReport, verifyDatabase } from "./verify/verify-database.js";
import type { Workspace } from "./workspace/workspace.js";
import { type Storage, Workspaces } from "./workspace/workspaces.js";
import {
  appendStream,
  type OutcomeRoom,
  type StartAppend,
  type StartedAppend,
} from "./write/append-stream.js";

/** How an event store runs. Every option has a default. */
export interface EventStoreOptions {
  /** Version that `GetStatus` reports. Default: "0.0.0". */
  readonly version?: string;
  /** What requests may hold. */
  readonly limits?: Partial<Limits>;
  /** The time, in ms since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
  /** How long append ids are remembered, ms. Default: 24 hours. */
  readonly appendIdRetentionMs?: number;
  /** A workspace that nobody uses is closed after this time, ms. Default: 5 minutes. */
  readonly workspaceIdleMs?: number;
  /** Workspaces open at a time. Default: 64. */
  readonly openWorkspacesMax?: number;
  /** Newest blocks kept in memory, per workspace, bytes. Default: 8 MiB. */
  readonly tailBytesMax?: number;
  /** Other blocks kept in memory, per workspace, bytes. Default: 32 MiB. */
  readonly cacheBytesMax?: number;
  /** Newest events of streams that are read, kept in memory, per workspace, bytes. Default: 24 MiB. */
  readonly recentBytesMax?: number;
  /** Streams whose last revision is kept in memory, per workspace. Default: 100,000. */
  readonly streamHeadsMax?: number;
  /** Asked before every append, and every snapshot: why it is to be refused, if it is. */
  readonly refuseWrites?: () => StoreError | undefined;
  /** Told when the disk refused a write; the workspace is then opened anew. */
  readonly onWriteFailure?: (workspace: string, cause: unknown) => void;
  /** Told when the end of a log is found damaged; the workspace is then read-only. */
  readonly onDamage?: (workspace: string, damage: StoreError) => void;
}

/** How everything that a workspace stores is checked. */
export interface StoreVerifyOptions extends VerifyOptions {
  /** What was found before, for example in its files; the status counts it in. Default: 0. */
  readonly findingsBefore?: number | undefined;
  /** Read no entry, only take note of what was found in the files. Default: false. */
  readonly filesOnly?: boolean | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The contract, without a network: one method for each RPC. Appends come and
 * events go as encoded messages, so that their bytes are never taken apart; the
 * rest are messages. Every method throws `StoreError`.
 */
export class EventStore {
  readonly #workspaces: Workspaces;
  readonly #limits: Limits;
  readonly #clock: () => number;
  readonly #startedAtMs: number;
  readonly #stopping = new AbortController();
  readonly #verifications: Verifications;

  constructor(
    storage: Storage,
    private readonly options: EventStoreOptions = {},
  ) {
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#clock = options.clock ?? Date.now;
    this.#startedAtMs = this.#clock();
    this.#verifications = new Verifications(this.#clock);
    this.#workspaces = new Workspaces(storage, {
      clock: this.#clock,
      appendIdRetentionMs: options.appendIdRetentionMs ?? DAY_MS,
      idleMs: options.workspaceIdleMs ?? 5 * 60 * 1000,
      openMax: options.openWorkspacesMax ?? 64,
      tailBytesMax: options.tailBytesMax ?? 8 * 1024 * 1024,
      cacheBytesMax: options.cacheBytesMax ?? 32 * 1024 * 1024,
      recentBytesMax: options.recentBytesMax ?? 24 * 1024 * 1024,
      streamHeadsMax: options.streamHeadsMax ?? 100_000,
      refuseWrites: options.refuseWrites ?? (() => undefined),
      onWriteFailure: options.onWriteFailure ?? (() => {}),
      onDamage: options.onDamage ?? (() => {}),
    });
  }

  /** Opens a workspace ahead of its use, to learn now whether that works. */
  async open(workspace: string): Promise<void> {
    await this.#with({ workspace }, async () => {});
  }

  /** An encoded `AppendRequest` in, an encoded `AppendResponse` out. */
  async append(request: Buffer): Promise<Buffer> {
    return (await this.startAppend(request)).outcome;
  }

  /**
   * As `append`, in two steps. The append has its place in the order when this
   * returns, or, if the workspace has to be opened first, when its promise resolves.
   */
  startAppend(request: Buffer): StartedAppend | Promise<StartedAppend> {
    const command = parseAppend(request, this.#limits);
    const name = workspaceName(command.workspace);
    const workspace = this.#workspaces.ifOpen(name);
    return workspace ? started(workspace, command) : this.#startIn(name, command);
  }

  async #startIn(name: string, command: AppendCommand): Promise<StartedAppend> {
    try {
      using lease = await this.#workspaces.lease(name, true);
      return started(lease.workspace, command);
    } catch (error) {
      throw located(error, name);
    }
  }

  /** Encoded `AppendStreamRequest` frames in, encoded `AppendStreamResponse` frames out. */
  appendStream(frames: AsyncIterable<Buffer>, room?: OutcomeRoom): AsyncGenerator<Buffer> {
    const start: StartAppend = (request) => this.startAppend(request);
    return appendStream(frames, start, this.#stopping.signal, room);
  }

  /** Encoded `ReadResponse` frames. */
  async *read(request: ReadRequest): AsyncGenerator<Buffer> {
    const query = parseRead(request, this.#limits);
    yield* this.#stream(request, (workspace) => readStream(workspace, query));
  }

  /** All frames of a read of a stream that is in memory; `undefined` if it is not. */
  readInMemory(request: ReadRequest): readonly Buffer[] | undefined {
    const workspace = this.#workspaces.ifOpen(workspaceName(request.workspace));
    return workspace && readInMemory(workspace, parseRead(request, this.#limits));
  }

  /** Encoded `ReplayResponse` frames. */
  async *replay(request: ReplayRequest): AsyncGenerator<Buffer> {
    const query = parseReplay(request, this.#limits);
    yield* this.#stream(request, (workspace) => replay(workspace, query));
  }

  /** Encoded `SubscribeResponse` frames, until the signal aborts. */
  async *subscribe(
    request: SubscribeRequest,
    signal: AbortSignal,
    options?: SubscribeOptions,
  ): AsyncGenerator<Buffer> {
    const query = parseSubscribe(request, this.#limits);
    yield* this.#stream(request, (workspace) => subscribe(workspace, query, signal, options));
  }

  /** Encoded `BackupResponse` frames. */
  async *backup(request: BackupRequest): AsyncGenerator<Buffer> {
    const query = parseBackup(request);
    yield* this.#stream(request, (workspace) => backup(workspace, query, this.#clock()));
  }

  async listWorkspaces(): Promise<ListWorkspacesResponse> {
    const workspaces = await this.#workspaces.list();
    return create(ListWorkspacesResponseSchema, { workspaces: [...workspaces] });
  }

  async getStream(request: GetStreamRequest): Promise<GetStreamResponse> {
    const checks = new FieldChecks();
    checks.name("stream", request.stream, this.#limits.streamNameBytesMax);
    checks.throwIfAny();
    return this.#with(request, async ({ streams }) => {
      const facts = await streams.facts(request.stream);
      return create(GetStreamResponseSchema, {
        exists: facts !== undefined,
        ...(facts && { info: toInfo(facts) }),
      });
    });
  }

  async listStreams(request: ListStreamsRequest): Promise<ListStreamsResponse> {
    const { prefix, after, pageSize } = parseListStreams(request, this.#limits);
    return this.#with(request, async ({ streams }) => {
      const found = await streams.list(prefix, after, pageSize + 1);
      const page = found.slice(0, pageSize);
      const last = found.length > pageSize ? page.at(-1) : undefined;
      return create(ListStreamsResponseSchema, {
        streams: page.map(toInfo),
        nextPageToken: last ? Buffer.from(last.stream).toString("base64url") : "",
      });
    });
  }

  async saveSnapshot(request: SaveSnapshotRequest): Promise<SaveSnapshotResponse> {
    const snapshot = parseSnapshot(request, this.#limits);
    return this.#with(request, async ({ snapshots }) =>
      create(SaveSnapshotResponseSchema, { saved: await snapshots.save(snapshot) }),
    );
  }

  async getSnapshot(request: GetSnapshotRequest): Promise<GetSnapshotResponse> {
    const checks = new FieldChecks();
    checks.name("stream", request.stream, this.#limits.streamNameBytesMax);
    checks.throwIfAny();
    return this.#with(request, async ({ snapshots }) => {
      const snapshot = await snapshots.get(request.stream);
      return create(GetSnapshotResponseSchema, snapshot && { snapshot });
    });
  }

  async getStatus(request: GetStatusRequest): Promise<GetStatusResponse> {
    return this.#with(request, async ({ name, log, writer }) => {
      const { refusal } = writer;
      const verification = this.#verifications.of(name);
      return create(GetStatusResponseSchema, {
        version: this.options.version ?? "0.0.0",
        workspace: name,
        head: BigInt(log.head),
        time: timestampFromMs(this.#clock()),
        startedAt: timestampFromMs(this.#startedAtMs),
        ...(refusal && { appendsRefused: located(refusal, name).toFailure() }),
        ...(verification && { verification }),
        limits: limitsMessage(this.#limits),
      });
    });
  }

  /**
   * Checks everything that a workspace stores, beside whatever else goes on. What it
   * has found is in the status. Throws the signal's reason if that ends it.
   */
  async *verify(workspace: string, options: StoreVerifyOptions = {}): AsyncGenerator<VerifyReport> {
    const name = workspaceName(workspace);
    try {
      using lease = await this.#workspaces.lease(name, false);
      const { db } = lease.workspace.log;
      const reports = options.filesOnly ? nothingRead() : verifyDatabase(db, options);
      yield* this.#verifications.follow(name, reports, options.findingsBefore ?? 0);
    } catch (error) {
      throw options.signal?.aborted ? error : located(error, name);
    }
  }

  /** Ends subscriptions with SERVER_STOPPING and refuses new calls; finishes appends. */
  async stop(): Promise<void> {
    await this.#workspaces.stop();
    this.#stopping.abort();
  }

  /** Stops, and closes all databases. */
  async close(): Promise<void> {
    await this.#workspaces.close();
    this.#stopping.abort();
  }

  async #with<T>(
    request: { readonly workspace: string },
    use: (workspace: Workspace) => Promise<T>,
  ): Promise<T> {
    const name = workspaceName(request.workspace);
    try {
      using lease = await this.#workspaces.lease(name, false);
      return await use(lease.workspace);
    } catch (error) {
      throw located(error, name);
    }
  }

  async *#stream(
    request: { readonly workspace: string },
    frames: (workspace: Workspace) => AsyncGenerator<Buffer>,
  ): AsyncGenerator<Buffer> {
    const name = workspaceName(request.workspace);
    try {
      using lease = await this.#workspaces.lease(name, false);
      yield* frames(lease.workspace);
    } catch (error) {
      throw located(error, name);
    }
  }
}

/** A workspace that has an append on its way stays open. */
function started({ writer, name }: Workspace, command: AppendCommand): StartedAppend {
  const outcome = writer.append(command).catch((error: unknown) => {
    throw located(error, name);
  });
  return { outcome };
}

async function* nothingRead(): AsyncGenerator<VerifyReport> {
  const nothing = { head: 0, events: 0, streams: 0, blocks: 0, bytes: 0, findings: 0 };
  yield { type: "summary", ...nothing };
}

/** Says in which workspace the damage is. */
function located(error: unknown, workspace: string): StoreError {
  const known = asStoreError(error);
  return known.reason === ErrorReason.DATA_CORRUPT ? known.with({ workspace }) : known;
}

function toInfo(facts: StreamFacts): StreamInfo {
  return create(StreamInfoSchema, {
    stream: facts.stream,
    lastRevision: BigInt(facts.lastRevision),
    eventCount: BigInt(facts.lastRevision + 1),
    firstRecordedAt: timestampFromMs(facts.firstTimeMs),
    lastRecordedAt: timestampFromMs(facts.lastTimeMs),
    lastPosition: BigInt(facts.lastPosition),
  });
}
