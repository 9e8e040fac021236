import { create } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { type BackupRequest, BackupRequestSchema, MaintenanceService } from "@varve/proto";
import { Calls } from "../call/call.js";
import { callUnary } from "../call/connection.js";
import { type RetryOptions, resolveRetry, resolveTimeout, termsOf } from "../options.js";
import type { CallOptions } from "../types.js";
import { checkString, toInt64 } from "../wire/checks.js";
import { CALL_OPTIONS, checkCallOptions, checkMembers, membersOf } from "../wire/members.js";
import { BackupCall, type MaintenanceConnection } from "./backup-call.js";
import type { Backup, BackupOptions, MaintenanceClient } from "./types.js";

const CHAIN_BYTES = 32;

/** Options of a maintenance client over a given transport. */
export interface MaintenanceClientOptions {
  /** How calls are repeated that did not reach the server. */
  readonly retry?: RetryOptions;
  /** As `ClientOptions.timeoutMs`. */
  readonly timeoutMs?: number;
  /** Closes what is under the transport; called once, by `close`. Default: nothing to close. */
  readonly close?: () => void | Promise<void>;
}

/**
 * A maintenance client over a Connect transport. For a server at an address there
 * is `connectMaintenance`. Throws `RangeError` for a wrong option.
 */
export function createMaintenanceClient(
  transport: Transport,
  options: MaintenanceClientOptions = {},
): MaintenanceClient {
  const rpc = createClient(MaintenanceService, transport);
  const calls = new Calls(resolveTimeout(options.timeoutMs));
  const connection = { rpc, retry: resolveRetry(options.retry), calls };
  return new RpcMaintenanceClient(connection, options.close);
}

class RpcMaintenanceClient implements MaintenanceClient {
  #closed: Promise<void> | undefined;

  constructor(
    private readonly connection: MaintenanceConnection,
    private readonly closeTransport: MaintenanceClientOptions["close"],
  ) {}

  async listWorkspaces(options: CallOptions = {}): Promise<readonly string[]> {
    checkCallOptions(options);
    const { rpc } = this.connection;
    const { workspaces } = await callUnary(this.connection, termsOf(options), (rpcOptions) =>
      rpc.listWorkspaces({}, rpcOptions),
    );
    return workspaces;
  }

  backup(options: BackupOptions = {}): Backup {
    return new BackupCall(this.connection, backupRequest(options), termsOf(options));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.connection.calls.close();
    await this.closeTransport?.();
  }
}

const BACKUP_OPTIONS = membersOf<BackupOptions>({
  ...CALL_OPTIONS,
  workspace: true,
  after: true,
  afterChain: true,
});

function backupRequest(options: BackupOptions): BackupRequest {
  checkMembers(options, BACKUP_OPTIONS, "options");
  const { workspace = "default", after = 0n, afterChain } = options;
  // An empty name would quietly mean the default one.
  if (workspace === "") throw new TypeError("workspace must not be empty");
  if (afterChain && afterChain.length !== CHAIN_BYTES) {
    throw new RangeError(`afterChain must have ${CHAIN_BYTES} bytes, but has ${afterChain.length}`);
  }
  return create(BackupRequestSchema, {
    workspace: checkString(workspace, "workspace"),
    afterPosition: toInt64(after, "after", 0n),
    ...(afterChain && { afterChain }),
  });
}
