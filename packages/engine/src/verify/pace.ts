export interface PaceOptions {
  /** Bytes a second, at most. Default: no limit. */
  readonly bytesPerSecondMax?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Keeps reading to a number of bytes a second, evenly: what was not used is not saved up. */
export class Pace {
  readonly #bytesPerMs: number;
  readonly #signal: AbortSignal | undefined;
  #dueMs = 0;

  constructor({ bytesPerSecondMax = Number.POSITIVE_INFINITY, signal }: PaceOptions = {}) {
    this.#bytesPerMs = bytesPerSecondMax / 1000;
    this.#signal = signal;
  }

  /** How much to read at a time, bytes: little, where others use the same process. */
  get chunkBytes(): number {
    return this.#isBounded ? 64 * 1024 : 512 * 1024;
  }

  /** How many entries to read at a time. */
  get chunkEntries(): number {
    return this.#isBounded ? 256 : 1024;
  }

  get #isBounded(): boolean {
    return this.#bytesPerMs !== Number.POSITIVE_INFINITY;
  }

  /** Throws the signal's reason, if it has aborted. */
  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  /** Resolves when so many bytes may have been read. Throws the signal's reason. */
  async spend(bytes: number): Promise<void> {
    this.throwIfAborted();
    const nowMs = performance.now();
    this.#dueMs = Math.max(this.#dueMs, nowMs) + bytes / this.#bytesPerMs;
    if (this.#dueMs <= nowMs) return;
    await sleep(this.#dueMs - nowMs, this.#signal);
    this.throwIfAborted();
  }
}

/** Resolves after a time, or when the signal aborts. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
