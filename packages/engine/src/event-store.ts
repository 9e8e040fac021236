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
import { type EventStoreOptions, workspacesOptionsOf } from "./event-store-options.js";
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
import { type IfAbsent, type Storage, Workspaces } from "./workspace/workspaces.js";
import {
  appendStream,
  type OutcomeRoom,
  type StartAppend,
  type StartedAppend,
} from "./write/append-stream.js";
import type { AppendCaller } from "./write/item.js";

/** How everything that a workspace stores is checked. */
export interface StoreVerifyOptions extends VerifyOptions {
  /** What was found before, for example in its files; the status counts it in. Default: 0. */
  readonly findingsBefore?: number | undefined;
  /** Read no entry, only take note of what was found in the files. Default: false. */
  readonly filesOnly?: boolean | undefined;
}

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
    this.#workspaces = new Workspaces(storage, workspacesOptionsOf(options, this.#limits));
  }

  /** Opens a workspace ahead of its use, to learn now whether that works. */
  async open(workspace: string): Promise<void> {
    await this.#with({ workspace }, async () => {});
  }

  /**
   * Looks whether the data of every open workspace still is where it was. To be called now
   * and then: a database that was deleted takes writes for a while as if nothing was.
   */
  checkStorage(): void {
    this.#workspaces.checkStorage();
  }

  /** An encoded `AppendRequest` in, an encoded `AppendResponse` out. */
  async append(request: Buffer, caller?: AppendCaller): Promise<Buffer> {
    return (await this.startAppend(request, caller)).outcome;
  }

  /**
   * As `append`, in two steps. The append has its place in the order of its caller's when
   * this returns, or, if the workspace has to be opened first, when its promise resolves.
   */
  startAppend(request: Buffer, caller?: AppendCaller): StartedAppend | Promise<StartedAppend> {
    const command = parseAppend(request, this.#limits);
    const name = workspaceName(command.workspace);
    const workspace = this.#workspaces.ifOpen(name);
    return workspace ? started(workspace, command, caller) : this.#startIn(name, command, caller);
  }

  async #startIn(
    name: string,
    command: AppendCommand,
    caller: AppendCaller | undefined,
  ): Promise<StartedAppend> {
    // Not even opened, or created: both need space.
    const refusal = this.options.refuseWrites?.(command.bytes);
    if (refusal) throw refusal;
    try {
      using lease = await this.#workspaces.lease(name, "create");
      return started(lease.workspace, command, caller);
    } catch (error) {
      throw located(error, name);
    }
  }

  /**
   * Encoded `AppendStreamRequest` frames in, encoded `AppendStreamResponse` frames out. When
   * the signal aborts, nothing more is read, searched for or answered.
   */
  appendStream(
    frames: AsyncIterable<Buffer>,
    { room, signal }: { readonly room?: OutcomeRoom; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Buffer> {
    const start: StartAppend = (request, caller) => this.startAppend(request, caller);
    return appendStream(frames, start, { stopping: this.#stopping.signal, room, signal });
  }

  /** Encoded `ReadResponse` frames. A search ends when the signal aborts. */
  async *read(request: ReadRequest, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const query = parseRead(request, this.#limits);
    yield* this.#stream(request, (workspace) => readStream(workspace, query, signal));
  }

  /** All frames of a read of a stream that is in memory; `undefined` if it is not. */
  readInMemory(request: ReadRequest): readonly Buffer[] | undefined {
    const workspace = this.#workspaces.ifOpen(workspaceName(request.workspace));
    return workspace && readInMemory(workspace, parseRead(request, this.#limits));
  }

  /** Encoded `ReplayResponse` frames. A search ends when the signal aborts. */
  async *replay(request: ReplayRequest, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const query = parseReplay(request, this.#limits);
    yield* this.#stream(request, (workspace) => replay(workspace, query, signal));
  }

  /** Encoded `SubscribeResponse` frames, until the signal aborts. */
  async *subscribe(
    request: SubscribeRequest,
    signal: AbortSignal,
    options?: SubscribeOptions,
  ): AsyncGenerator<Buffer> {
    const query = parseSubscribe(request, this.#limits);
    const name = workspaceName(request.workspace);
    using followed = this.#workspaces.follow(name);
    try {
      yield* subscribe(followed, query, signal, options);
    } catch (error) {
      throw located(error, name);
    }
  }

  /** Encoded `BackupResponse` frames. */
  async *backup(request: BackupRequest): AsyncGenerator<Buffer> {
    const query = parseBackup(request);
    const now = this.#clock();
    yield* this.#stream(request, (workspace) => backup(workspace, query, now), "refuse");
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
      using lease = await this.#workspaces.lease(name, "refuse");
      const { db } = lease.workspace.log;
      const reports = options.filesOnly ? nothingRead() : verifyDatabase(db, options);
      yield* this.#verifications.follow(name, reports, options.findingsBefore ?? 0);
    } catch (error) {
      throw options.signal?.aborted ? error : located(error, name);
    }
  }

  /** Ends subscriptions and searches with SERVER_STOPPING and refuses new calls; finishes appends. */
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
      using lease = await this.#workspaces.lease(name, "empty");
      return await use(lease.workspace);
    } catch (error) {
      throw located(error, name);
    }
  }

  async *#stream(
    request: { readonly workspace: string },
    frames: (workspace: Workspace) => AsyncGenerator<Buffer>,
    ifAbsent: IfAbsent = "empty",
  ): AsyncGenerator<Buffer> {
    const name = workspaceName(request.workspace);
    try {
      using lease = await this.#workspaces.lease(name, ifAbsent);
      for await (const frame of frames(lease.workspace)) {
        lease.pause();
        yield frame;
        if (!lease.resume()) throw lease.workspace.log.closedBecause;
      }
    } catch (error) {
      throw located(error, name);
    }
  }
}

/** A workspace that has an append on its way stays open. */
function started(
  { writer, name }: Workspace,
  command: AppendCommand,
  caller: AppendCaller | undefined,
): StartedAppend {
  const outcome = writer.append(command, caller).catch((error: unknown) => {
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
