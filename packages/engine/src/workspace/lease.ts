import type { Workspace } from "./workspace.js";

/** How many use an open workspace, and how. */
export interface Use {
  /** Leases that are in use: the workspace stays open. */
  users: number;
  /** Leases whose holders have got something, and have not asked for more yet. */
  paused: number;
  lastUsedMs: number;
  /** Whether it is closed, or about to be. */
  isOver: boolean;
}

/**
 * A workspace in use. It stays open until the lease is disposed of; while the lease is
 * paused, it may be closed to make room for others that wait.
 */
export class Lease implements Disposable {
  #state: "used" | "paused" | "over" = "used";

  /** `onRelease`: told when the lease is paused or over. */
  constructor(
    readonly workspace: Workspace,
    private readonly use: Use,
    private readonly onRelease: () => void,
  ) {
    use.users++;
  }

  /** While its holder is given what it has asked for: how long that takes is the holder's affair. */
  pause(): void {
    if (this.#state !== "used") return;
    this.#state = "paused";
    this.use.users--;
    this.use.paused++;
    this.use.lastUsedMs = performance.now();
    this.onRelease();
  }

  /** False if the workspace has been closed meanwhile; then the lease is over. */
  resume(): boolean {
    if (this.#state !== "paused") return this.#state === "used";
    this.use.paused--;
    this.#state = this.use.isOver ? "over" : "used";
    if (this.#state === "used") this.use.users++;
    return this.#state === "used";
  }

  [Symbol.dispose](): void {
    if (this.#state === "over") return;
    if (this.#state === "used") this.use.users--;
    else this.use.paused--;
    this.#state = "over";
    this.use.lastUsedMs = performance.now();
    this.onRelease();
  }
}
