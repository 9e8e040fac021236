import type { CallOptions } from "../types.js";

/**
 * What there is on a server, and copies of it to keep elsewhere. Every call
 * rejects with a `VarveError`, or with the reason of its `signal` once that aborts.
 */
export interface MaintenanceClient extends AsyncDisposable {
  /** The names of the workspaces that exist, in order, also of those whose data is missing. */
  listWorkspaces(options?: CallOptions): Promise<readonly string[]>;

  /**
   * The log of a workspace as it is when the call begins. The call begins when the
   * header or the frames are asked for.
   *
   * Throws `TypeError` or `RangeError` for wrong options.
   */
  backup(options?: BackupOptions): Backup;

  /** Ends all calls and closes the connection, as `EventStoreClient.close` does. */
  close(): Promise<void>;
}

/** What to back up. */
export interface BackupOptions extends CallOptions {
  /** Default: `default`. */
  readonly workspace?: string;
  /**
   * Only what follows on this position: the `head` of an earlier backup. A position
   * inside a block is rounded down to the end of the block before. 0 or more, and
   * not beyond the head (`POSITION_AHEAD_OF_HEAD`); default 0, all.
   */
  readonly after?: bigint | number;
  /**
   * The `headChain` of that earlier backup, 32 bytes. If the log does not hold what
   * it ended with, the call fails with `LOG_MISMATCH`. Default: not checked.
   */
  readonly afterChain?: Uint8Array;
}

/**
 * The frames of a backup, each an encoded `varve.v1.BackupResponse`, in the order
 * in which a backup file holds them. Can be iterated once. It is whole only if the
 * iteration comes to its end.
 */
export interface Backup extends AsyncIterable<Uint8Array> {
  /** What is known before the first block. Starts the call. */
  readonly header: Promise<BackupHeader>;
}

/** What is known of a backup before its first block. */
export interface BackupHeader {
  readonly workspace: string;
  /** Exclusive: the position that the backup follows on, as it was rounded. */
  readonly after: bigint;
  /** The chain value of the block that ends there, 32 bytes. */
  readonly afterChain: Uint8Array;
  /** The last position that the backup holds. The same as `after` if nothing is new. */
  readonly head: bigint;
  /** The chain value of the block that ends there, 32 bytes. */
  readonly headChain: Uint8Array;
  /** The server's clock when the backup began. */
  readonly time: Date;
}
