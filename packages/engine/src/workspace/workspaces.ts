import { ErrorReason } from "@varve/proto";
import { AbstractLevel } from "abstract-level";
import {
  asStoreError,
  StoreError,
  serverStopping,
  storageReopening,
  tooManyWorkspaces,
  workspaceMissing,
  workspaceNotFound,
} from "../errors.js";
import { SearchTurns } from "../index/search-turns.js";
import { type Database, databaseEncoding } from "../log/database.js";
import type { HeadSignal } from "../log/head-signal.js";
import { ReadTurns } from "../read/read-turns.js";
import { DEFAULT_WORKSPACE, isWorkspaceName } from "../request/fields.js";
import { HeadSignals } from "./head-signals.js";
import { Lease, type Use } from "./lease.js";
import { Places } from "./places.js";
import { Workspace, type WorkspaceOptions } from "./workspace.js";

/** Where the databases of workspaces are. */
export interface Storage {
  /** Whether there is such a workspace; also if its data cannot be found. */
  has(workspace: string): boolean;
  /**
   * Opens a workspace's database; creates it if there is none. Throws WORKSPACE_MISSING
   * if there should be one.
   */
  open(workspace: string): Promise<Database>;
  /** Whether the data of an open database still is where it was opened. Default: true. */
  isThere?(workspace: string): boolean;
  /** Names of what may be workspaces; what has another name is none. */
  list(): Promise<readonly string[]>;
}

export interface WorkspacesOptions
  extends Omit<
    WorkspaceOptions,
    "onFailure" | "onDamage" | "onMoved" | "damage" | "turns" | "searches"
  > {
  /** A workspace that nobody uses is closed after this time, ms. */
  readonly idleMs: number;
  /** Workspaces open at a time. */
  readonly openMax: number;
  /** Told when a write has failed. */
  readonly onWriteFailure: (workspace: string, cause: unknown) => void;
  /** Told when a workspace is opened read-only, because the end of its log is damaged. */
  readonly onDamage: (workspace: string, damage: StoreError) => void;
  /** Told when the data of an open workspace is not where it was. */
  readonly onMissing: (workspace: string) => void;
}

/** What a call on a workspace that does not exist gets: a new one, a refusal, or one without events. */
export type IfAbsent = "create" | "refuse" | "empty";

/** A workspace that is waited for, open only while it is used. */
export interface FollowedWorkspace extends Disposable {
  readonly signal: HeadSignal;
  lease(): Lease | Promise<Lease>;
}

interface Entry extends Use {
  readonly opening: Promise<Workspace>;
  /** Once it is open. */
  workspace?: Workspace;
}

/** A client that takes nothing for this long can be told to come back, if others wait, ms. */
const STALLED_MS = 1000;

/** The open workspaces: opened when used, closed when idle, or when others need the room. */
export class Workspaces {
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Map<string, Promise<void>>();
  /** What a database reported instead of a write: the workspace is read-only from then on. */
  readonly #damages = new Map<string, StoreError>();
  readonly #signals = new HeadSignals();
  readonly #places: Places;
  readonly #turns = new ReadTurns(() => this.#areAppending());
  readonly #searches = new SearchTurns();
  readonly #sweep: NodeJS.Timeout;
  #stopping = false;

  constructor(
    private readonly storage: Storage,
    private readonly options: WorkspacesOptions,
  ) {
    this.#places = new Places(options.openMax, (count) => this.#makeRoom(count));
    this.#sweep = setInterval(() => this.#closeIdle(options.idleMs), options.idleMs);
    this.#sweep.unref();
  }

  /**
   * Opens the workspace if it is not open. The default workspace always exists. Throws
   * WORKSPACE_NOT_FOUND if so asked, WORKSPACE_MISSING, and OVERLOADED if too many are in use.
   */
  async lease(name: string, ifAbsent: IfAbsent): Promise<Lease> {
    if (this.#stopping) throw serverStopping();
    if (ifAbsent !== "create" && !this.#exists(name)) {
      if (ifAbsent === "refuse") throw workspaceNotFound(name);
      return this.#leaseOf(await this.#openEmpty(name), newUse());
    }
    const entry = this.#entries.get(name) ?? this.#open(name);
    // Not closed as idle while it opens.
    entry.users++;
    try {
      return this.#leaseOf(await entry.opening, entry);
    } finally {
      entry.users--;
    }
  }

  /** For what is done without waiting; `undefined` if the workspace is not open. */
  ifOpen(name: string): Workspace | undefined {
    return this.#openEntry(name)?.workspace;
  }

  /** To wait for a workspace, which may not exist yet, and to read it now and then. */
  follow(name: string): FollowedWorkspace {
    if (this.#stopping) throw serverStopping();
    const held = this.#signals.hold(name);
    return {
      signal: held.signal,
      lease: () => {
        const entry = this.#openEntry(name);
        if (entry?.workspace) return this.#leaseOf(entry.workspace, entry);
        return this.lease(name, "empty");
      },
      [Symbol.dispose]: () => held[Symbol.dispose](),
    };
  }

  /** Names of the workspaces that exist, in order. */
  async list(): Promise<readonly string[]> {
    if (this.#stopping) throw serverStopping();
    return (await this.storage.list()).filter(isWorkspaceName).sort();
  }

  /** Looks for the data of what is open: nothing is to be acknowledged that nobody will find. */
  checkStorage(): void {
    for (const [name, { workspace }] of this.#entries) {
      if (workspace && !this.#isThere(name)) this.#abandon(name);
    }
  }

  /** Ends all subscriptions and refuses new calls; resolves when all appends are answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#places.refuseAll(serverStopping());
    this.#signals.closeAll(serverStopping());
    const opening = [...this.#entries.values()].map((entry) => entry.opening);
    const opened = await Promise.allSettled(opening);
    await Promise.all(
      opened.map((result) => result.status === "fulfilled" && result.value.stop(serverStopping())),
    );
  }

  /** Stops, and closes every database. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.stop();
    await Promise.all([...this.#entries.keys()].map((name) => this.#close(name, serverStopping())));
    await Promise.all(this.#closing.values());
  }

  #exists(name: string): boolean {
    return name === DEFAULT_WORKSPACE || this.#entries.has(name) || this.storage.has(name);
  }

  #openEntry(name: string): Entry | undefined {
    const entry = this.#entries.get(name);
    if (!entry?.workspace || this.#stopping) return undefined;
    entry.lastUsedMs = performance.now();
    return entry;
  }

  #leaseOf(workspace: Workspace, use: Use): Lease {
    return new Lease(workspace, use, () => {
      if (this.#places.wanted > 0) this.#makeRoom(this.#places.wanted);
    });
  }

  #open(name: string): Entry {
    const opening = this.#openNow(name);
    const entry: Entry = { ...newUse(), opening };
    this.#entries.set(name, entry);
    opening.then(
      (workspace) => {
        entry.workspace = workspace;
      },
      () => {
        if (this.#entries.get(name) === entry) this.#entries.delete(name);
      },
    );
    return entry;
  }

  async #openNow(name: string): Promise<Workspace> {
    await this.#closing.get(name);
    if (this.#stopping) throw serverStopping();
    await this.#places.take();
    try {
      if (this.#stopping) throw serverStopping();
      const db = await this.storage.open(name);
      return await Workspace.open(name, db, {
        ...this.options,
        damage: this.#damages.get(name),
        turns: this.#turns,
        searches: this.#searches,
        onFailure: (cause) => this.#failed(name, cause),
        onDamage: (damage) => this.options.onDamage(name, damage),
        onMoved: (head) => this.#signals.moved(name, head),
      });
    } catch (cause) {
      this.#places.give();
      const known = cannotOpen(name, cause);
      if (known.reason === ErrorReason.WORKSPACE_MISSING) this.#signals.close(name, known);
      throw known;
    }
  }

  /** What does not exist reads as what has just been created; on the disk nothing is. */
  #openEmpty(name: string): Promise<Workspace> {
    const withoutEvents: Database = new AbstractLevel(
      { encodings: { buffer: true } },
      databaseEncoding,
    );
    const nothing = (): void => {};
    const callbacks = { onFailure: nothing, onDamage: nothing, onMoved: nothing };
    const shared = { turns: this.#turns, searches: this.#searches };
    const options = { ...this.options, ...callbacks, ...shared, damage: undefined };
    return Workspace.open(name, withoutEvents, { ...options, streamHeadsMax: 1 });
  }

  #failed(name: string, cause: unknown): void {
    if (!this.#isThere(name)) {
      this.#abandon(name);
      return;
    }
    const known = asStoreError(cause);
    if (known.reason === ErrorReason.DATA_CORRUPT) this.#damages.set(name, known);
    this.options.onWriteFailure(name, cause);
    void this.#close(name, storageReopening(cause));
    this.#signals.unknown(name);
  }

  #isThere(name: string): boolean {
    return this.storage.isThere?.(name) ?? true;
  }

  #abandon(name: string): void {
    const because = workspaceMissing(name);
    this.options.onMissing(name);
    this.#entries.get(name)?.workspace?.writer.abandon(because);
    this.#signals.close(name, because);
    void this.#close(name, because);
  }

  #areAppending(): boolean {
    for (const { workspace } of this.#entries.values()) if (workspace?.writer.isBusy) return true;
    return false;
  }

  /** Closes those that were used longest ago, so that so many places become free. */
  #makeRoom(count: number): void {
    for (let closing = this.#closing.size; closing < count; closing++) {
      const name = this.#leastRecentlyUsed();
      if (name === undefined) return;
      void this.#close(name, tooManyWorkspaces(this.options.openMax));
    }
  }

  #leastRecentlyUsed(): string | undefined {
    const stalledSinceMs = performance.now() - STALLED_MS;
    let found: string | undefined;
    let foundMs = Number.POSITIVE_INFINITY;
    for (const [name, { workspace, users, paused, lastUsedMs }] of this.#entries) {
      const isFree = users === 0 && (paused === 0 || lastUsedMs < stalledSinceMs);
      if (!workspace || !isFree || lastUsedMs >= foundMs) continue;
      found = name;
      foundMs = lastUsedMs;
    }
    return found;
  }

  #closeIdle(idleMs: number): void {
    const dueMs = performance.now() - idleMs;
    for (const [name, { workspace, users, paused, lastUsedMs }] of this.#entries) {
      const isUsed = users > 0 || paused > 0 || workspace?.writer.isBusy;
      if (!isUsed && lastUsedMs <= dueMs) void this.#close(name, serverStopping());
    }
  }

  /** A new lease waits until the database is closed, and then opens it anew. */
  #close(name: string, because: StoreError): Promise<void> {
    const entry = this.#entries.get(name);
    if (!entry) return Promise.resolve();
    this.#entries.delete(name);
    entry.isOver = true;
    const closing = entry.opening
      .then((workspace) =>
        workspace
          .close(because)
          .catch(() => {})
          .finally(() => this.#places.give()),
      )
      .catch(() => {})
      .finally(() => {
        if (this.#closing.get(name) === closing) this.#closing.delete(name);
      });
    this.#closing.set(name, closing);
    return closing;
  }
}

function newUse(): Use {
  return { users: 0, paused: 0, lastUsedMs: performance.now(), isOver: false };
}

function cannotOpen(name: string, cause: unknown): StoreError {
  const known = asStoreError(cause);
  if (known.reason !== ErrorReason.INTERNAL) return known;
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `the workspace ${JSON.stringify(name)} cannot be opened: ${why}`;
  return new StoreError(ErrorReason.STORAGE_UNAVAILABLE, message, {}, undefined, { cause });
}
