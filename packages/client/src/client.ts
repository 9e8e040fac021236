import { createClient as createRpcClient, type Transport } from "@connectrpc/connect";
import { EventStoreService } from "@varve/proto";
import { AppendPipeline } from "./call/append-pipeline.js";
import { Calls } from "./call/call.js";
import { type Connection, callUnary } from "./call/connection.js";
import { Iteration } from "./call/iteration.js";
import { StreamPages } from "./call/list-streams.js";
import { ReadCall } from "./call/read.js";
import { ReplayCall } from "./call/replay.js";
import { checkAppendSize, checkSnapshotSize, mayBeTooLarge } from "./call/size-check.js";
import { SubscriptionCall } from "./call/subscription.js";
import {
  CLIENT_OPTIONS,
  type ClientOptions,
  resolvePipeline,
  resolveRetry,
  resolveTimeout,
  termsOf,
} from "./options.js";
import type {
  AnyEvent,
  AnyStreamEvent,
  AppendOptions,
  AppendResult,
  CallOptions,
  EventStoreClient,
  ListStreamsOptions,
  NewSnapshot,
  ReadOptions,
  Replay,
  ReplayOptions,
  Snapshot,
  Status,
  StreamInfo,
  StreamRead,
  SubscribeOptions,
  Subscription,
} from "./types.js";
import { type EncodedAppend, encodeAppend, encodeAppendMany } from "./wire/appends.js";
import { checkInteger, checkString } from "./wire/checks.js";
import { checkCallOptions, checkMembers, membersOf } from "./wire/members.js";
import {
  listStreamsRequest,
  readRequest,
  replayRequest,
  subscribeRequest,
} from "./wire/requests.js";
import { required } from "./wire/required.js";
import { decodeAppendResult, decodeStatus, decodeStreamInfo } from "./wire/results.js";
import { decodeSnapshot, encodeSnapshot } from "./wire/snapshots.js";

const HEARTBEAT_INTERVAL_MS = 10_000;
const HEARTBEAT_INTERVAL_MS_MIN = 100;
const HEARTBEAT_INTERVAL_MS_MAX = 600_000;

/** Options of a client over a given transport. */
export interface TransportClientOptions extends ClientOptions {
  /** Closes what is under the transport; called once, by `close`. Default: nothing to close. */
  readonly close?: () => void | Promise<void>;
}

const TRANSPORT_CLIENT_OPTIONS = membersOf<TransportClientOptions>({
  ...CLIENT_OPTIONS,
  close: true,
});

/**
 * A client over a Connect transport, for example one that leads to a server in
 * the same process. For a server at an address there is `connect`.
 *
 * Throws `TypeError` or `RangeError` for a wrong option.
 */
export function createClient(
  transport: Transport,
  options: TransportClientOptions = {},
): EventStoreClient {
  checkMembers(options, TRANSPORT_CLIENT_OPTIONS, "options");
  return clientOf(createRpcClient(EventStoreService, transport), options);
}

/** A client that makes its calls by `rpc`. */
export function clientOf(
  rpc: Connection["rpc"],
  options: TransportClientOptions,
): EventStoreClient {
  return new WorkspaceClient(share(rpc, options), workspaceOf(options.workspace));
}

/** What the clients of all workspaces have in common. */
interface Shared extends Connection {
  readonly pipeline: AppendPipeline;
  close(): Promise<void>;
}

function share(rpc: Connection["rpc"], options: TransportClientOptions): Shared {
  const retry = resolveRetry(options.retry);
  const timeoutMs = resolveTimeout(options.timeoutMs);
  const limits = resolvePipeline(options.pipeline);
  const pipeline = new AppendPipeline(rpc, { retry, limits, timeoutMs });
  const calls = new Calls(timeoutMs);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    pipeline.close();
    calls.close();
    await options.close?.();
  };
  return { rpc, retry, pipeline, calls, close: () => (closed ??= close()) };
}

class WorkspaceClient implements EventStoreClient {
  readonly #shared: Shared;
  readonly #workspace: string;

  constructor(shared: Shared, workspace: string) {
    this.#shared = shared;
    this.#workspace = workspace;
  }

  async append(
    stream: string,
    events: AnyEvent | readonly AnyEvent[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    return this.#send(encodeAppend(this.#workspace, stream, events, options), options);
  }

  async appendMany(
    events: readonly AnyStreamEvent[],
    options: Omit<AppendOptions, "expect"> = {},
  ): Promise<AppendResult> {
    return this.#send(encodeAppendMany(this.#workspace, events, options), options);
  }

  read(stream: string, options: ReadOptions = {}): StreamRead {
    const request = readRequest(this.#workspace, stream, options);
    return new ReadCall(this.#shared, request, termsOf(options));
  }

  replay(options: ReplayOptions = {}): Replay {
    const request = replayRequest(this.#workspace, options);
    return new ReplayCall(this.#shared, request, termsOf(options), options.onProgress);
  }

  subscribe(options: SubscribeOptions = {}): Subscription {
    const heartbeatIntervalMs = checkInteger(
      options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS,
      "options.heartbeatIntervalMs",
      HEARTBEAT_INTERVAL_MS_MIN,
      HEARTBEAT_INTERVAL_MS_MAX,
    );
    const request = subscribeRequest(this.#workspace, options, heartbeatIntervalMs);
    return new SubscriptionCall(this.#shared, request, heartbeatIntervalMs, termsOf(options));
  }

  async getStream(stream: string, options: CallOptions = {}): Promise<StreamInfo | undefined> {
    checkCallOptions(options);
    const request = { workspace: this.#workspace, stream: checkString(stream, "stream") };
    const { exists, info } = await callUnary(this.#shared, termsOf(options), (rpcOptions) =>
      this.#shared.rpc.getStream(request, rpcOptions),
    );
    return exists ? decodeStreamInfo(required(info, "GetStreamResponse.info")) : undefined;
  }

  listStreams(options: ListStreamsOptions = {}): AsyncIterable<StreamInfo> {
    const request = listStreamsRequest(this.#workspace, options);
    const terms = termsOf(options);
    return {
      [Symbol.asyncIterator]: () => new Iteration(new StreamPages(this.#shared, request, terms)),
    };
  }

  async saveSnapshot(snapshot: NewSnapshot<unknown>, options: CallOptions = {}): Promise<boolean> {
    checkCallOptions(options);
    const request = { workspace: this.#workspace, snapshot: encodeSnapshot(snapshot) };
    const terms = termsOf(options);
    await checkSnapshotSize(this.#shared, request.snapshot, terms);
    const { saved } = await callUnary(this.#shared, terms, (rpcOptions) =>
      this.#shared.rpc.saveSnapshot(request, rpcOptions),
    );
    return saved;
  }

  async getSnapshot(stream: string, options: CallOptions = {}): Promise<Snapshot | undefined> {
    checkCallOptions(options);
    const request = { workspace: this.#workspace, stream: checkString(stream, "stream") };
    const { snapshot } = await callUnary(this.#shared, termsOf(options), (rpcOptions) =>
      this.#shared.rpc.getSnapshot(request, rpcOptions),
    );
    return snapshot && decodeSnapshot(snapshot);
  }

  async status(options: CallOptions = {}): Promise<Status> {
    checkCallOptions(options);
    const request = { workspace: this.#workspace };
    const response = await callUnary(this.#shared, termsOf(options), (rpcOptions) =>
      this.#shared.rpc.getStatus(request, rpcOptions),
    );
    return decodeStatus(response);
  }

  workspace(name: string): EventStoreClient {
    return new WorkspaceClient(this.#shared, workspaceOf(name));
  }

  close(): Promise<void> {
    return this.#shared.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #send(append: EncodedAppend, options: CallOptions): Promise<AppendResult> {
    const { request, sizeBytes } = append;
    const terms = termsOf(options);
    if (mayBeTooLarge(append)) await checkAppendSize(this.#shared, request, terms);
    return decodeAppendResult(await this.#shared.pipeline.append(request, sizeBytes, terms));
  }
}

/** An empty name would quietly mean the default one. */
function workspaceOf(name = "default"): string {
  if (checkString(name, "workspace") === "") throw new TypeError("workspace must not be empty");
  return name;
}
