import { ErrorReason } from "@varve/proto";
import { asStoreError, StoreError, serverStopping, storageReopening } from "../errors.js";
import { SearchTurns } from "../index/search-turns.js";
import type { Database } from "../log/database.js";
import { ReadTurns } from "../read/read-turns.js";
import { DEFAULT_WORKSPACE, isWorkspaceName } from "../request/fields.js";
import { Workspace, type WorkspaceOptions } from "./workspace.js";

/** Where the databases of workspaces are. */
export interface Storage {
  /** Opens a workspace's database; `undefined` if there is none and it is not to be created. */
  open(workspace: string, create: boolean): Promise<Database | undefined>;
  /** Names of what may be workspaces; what has another name is none. */
  list(): Promise<readonly string[]>;
}

export interface WorkspacesOptions
  extends Omit<WorkspaceOptions, "onFailure" | "onDamage" | "damage" | "turns" | "searches"> {
  /** A workspace that nobody uses is closed after this time, ms. */
  readonly idleMs: number;
  /** Workspaces open at a time. */
  readonly openMax: number;
  /** Told when a write has failed. */
  readonly onWriteFailure: (workspace: string, cause: unknown) => void;
  /** Told when a workspace is opened read-only, because the end of its log is damaged. */
  readonly onDamage: (workspace: string, damage: StoreError) => void;
}

/** A workspace in use: it stays open until the lease is disposed of. */
export interface Lease extends Disposable {
  readonly workspace: Workspace;
}

interface Entry {
  readonly opening: Promise<Workspace | undefined>;
  /** Once it is open. */
  workspace?: Workspace;
  users: number;
  lastUsedMs: number;
}

/** The open workspaces: opened when used, closed when idle. */
export class Workspaces {
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Map<string, Promise<void>>();
  /** What a database reported instead of a write: the workspace is read-only from then on. */
  readonly #damages = new Map<string, StoreError>();
  readonly #turns = new ReadTurns(() => this.#areAppending());
  readonly #searches = new SearchTurns();
  readonly #sweep: NodeJS.Timeout;
  #stopping = false;

  constructor(
    private readonly storage: Storage,
    private readonly options: WorkspacesOptions,
  ) {
    this.#sweep = setInterval(() => this.#closeIdle(options.idleMs), options.idleMs);
    this.#sweep.unref();
  }

  /**
   * Opens the workspace if it is not open. Throws WORKSPACE_NOT_FOUND if it does
   * not exist and is not to be created; the default workspace always is.
   */
  async lease(name: string, create: boolean): Promise<Lease> {
    if (this.#stopping) throw serverStopping();
    const entry = this.#entries.get(name) ?? this.#open(name, create || name === DEFAULT_WORKSPACE);
    // Not closed as idle while it opens.
    entry.users++;
    try {
      const workspace = await entry.opening;
      if (workspace) return leaseOf(entry, workspace);
    } finally {
      entry.users--;
    }
    if (create) return this.lease(name, create);
    throw new StoreError(
      ErrorReason.WORKSPACE_NOT_FOUND,
      `there is no workspace ${JSON.stringify(name)}`,
      { workspace: name },
    );
  }

  /** For what is done without waiting; `undefined` if the workspace is not open. */
  ifOpen(name: string): Workspace | undefined {
    const entry = this.#entries.get(name);
    if (!entry?.workspace || this.#stopping) return undefined;
    entry.lastUsedMs = performance.now();
    return entry.workspace;
  }

  /** Names of the workspaces that exist, in order. */
  async list(): Promise<readonly string[]> {
    if (this.#stopping) throw serverStopping();
    return (await this.storage.list()).filter(isWorkspaceName).sort();
  }

  /** Ends all subscriptions and refuses new calls; resolves when all appends are answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const opening = [...this.#entries.values()].map((entry) => entry.opening);
    const opened = await Promise.allSettled(opening);
    await Promise.all(
      opened.map((result) => result.status === "fulfilled" && result.value?.stop(serverStopping())),
    );
  }

  /** Stops, and closes every database. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.stop();
    await Promise.all([...this.#entries.keys()].map((name) => this.#close(name, serverStopping())));
    await Promise.all(this.#closing.values());
  }

  #open(name: string, create: boolean): Entry {
    this.#makeRoom();
    const opening = this.#openNow(name, create);
    const entry: Entry = { opening, users: 0, lastUsedMs: performance.now() };
    this.#entries.set(name, entry);
    const forget = (): void => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
    };
    opening.then((workspace) => {
      if (workspace) entry.workspace = workspace;
      else forget();
    }, forget);
    return entry;
  }

  async #openNow(name: string, create: boolean): Promise<Workspace | undefined> {
    await this.#closing.get(name);
    const onFailure = (cause: unknown): void => {
      const known = asStoreError(cause);
      if (known.reason === ErrorReason.DATA_CORRUPT) this.#damages.set(name, known);
      this.options.onWriteFailure(name, cause);
      void this.#close(name, storageReopening(cause));
    };
    const onDamage = (damage: StoreError): void => this.options.onDamage(name, damage);
    try {
      const db = await this.storage.open(name, create);
      const damage = this.#damages.get(name);
      const shared = { turns: this.#turns, searches: this.#searches };
      const options = { ...this.options, damage, onFailure, onDamage, ...shared };
      return db && (await Workspace.open(name, db, options));
    } catch (cause) {
      throw cannotOpen(name, cause);
    }
  }

  #areAppending(): boolean {
    for (const { workspace } of this.#entries.values()) if (workspace?.writer.isBusy) return true;
    return false;
  }

  #makeRoom(): void {
    if (this.#entries.size < this.options.openMax) return;
    this.#closeIdle(0);
    if (this.#entries.size < this.options.openMax) return;
    throw new StoreError(ErrorReason.OVERLOADED, "too many workspaces are in use");
  }

  #closeIdle(idleMs: number): void {
    const dueMs = performance.now() - idleMs;
    for (const [name, entry] of this.#entries) {
      const isUsed = entry.users > 0 || entry.workspace?.writer.isBusy;
      if (!isUsed && entry.lastUsedMs <= dueMs) void this.#close(name, serverStopping());
    }
  }

  /** A new lease waits until the database is closed, and then opens it anew. */
  #close(name: string, because: StoreError): Promise<void> {
    const entry = this.#entries.get(name);
    if (!entry) return Promise.resolve();
    this.#entries.delete(name);
    const closing = entry.opening
      .then((workspace) => workspace?.close(because))
      .catch(() => {})
      .finally(() => this.#closing.delete(name));
    this.#closing.set(name, closing);
    return closing;
  }
}

function leaseOf(entry: Entry, workspace: Workspace): Lease {
  entry.users++;
  return {
    workspace,
    [Symbol.dispose]: () => {
      entry.users--;
      entry.lastUsedMs = performance.now();
    },
  };
}

function cannotOpen(name: string, cause: unknown): StoreError {
  const known = asStoreError(cause);
  if (known.reason !== ErrorReason.INTERNAL) return known;
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `the workspace ${JSON.stringify(name)} cannot be opened: ${why}`;
  return new StoreError(ErrorReason.STORAGE_UNAVAILABLE, message, {}, undefined, { cause });
}
