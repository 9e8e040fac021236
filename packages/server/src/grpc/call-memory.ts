import { CallShare, type Cut, FRAME_COPIES } from "./call-share.js";

export interface CallMemoryOptions {
  /** What all calls together may hold, bytes. Room for four frames is always there. */
  readonly bytesMax: number;
  /** The largest frame that there can be, bytes. */
  readonly frameBytesMax: number;
  /**
   * A call that has made no progress for so long is cut off if others wait for room, ms.
   * Default: 10,000.
   */
  readonly stallMs?: number;
  /** Told how many calls were cut off. */
  readonly onCut?: (calls: number) => void;
}

/** Memory, bytes. */
interface Use {
  held: number;
  /** Set aside for frames that are being prepared: most are far smaller in the end. */
  reserved: number;
}

/** The calls of one connection. */
export interface ConnectionUse {
  /** Whatever stands for the connection. */
  readonly key: object;
  readonly use: Use;
  /** When one of them last made progress, ms. */
  progressAtMs: number;
  /** It is being cut off: none of its calls gets anything any more. */
  cut: boolean;
  readonly shares: Set<CallShare>;
  /** Those that wait for room, in the order in which they came. */
  readonly waiting: Set<CallShare>;
}

/** A call that does nothing: its stream, its buffers, its handlers. */
const CALL_BYTES = 32 * 1024;
const STALL_MS = 10_000;
/** How often it is looked for calls to cut off, in the time that they may stall. */
const LOOKS_PER_STALL = 10;

/**
 * What calls hold in memory because their clients are slow: messages that have not come
 * to their end, frames that are not taken. All together it is bounded. One connection may
 * hold no more than what is left free, so that however greedy some are there is room for
 * others. Frames wait until there is room; what is received is refused if there is none.
 */
export class CallMemory {
  /** What is set aside for a frame before its size is known, bytes. */
  readonly reserveBytes: number;
  readonly #bytesMax: number;
  readonly #stallMs: number;
  readonly #onCut: (calls: number) => void;
  readonly #connections = new Map<object, ConnectionUse>();
  /** Those of which calls wait; they are served in turn. */
  readonly #waiting = new Set<ConnectionUse>();
  readonly #use: Use = { held: 0, reserved: 0 };
  #looking: NodeJS.Timeout | undefined;

  constructor({ bytesMax, frameBytesMax, stallMs = STALL_MS, onCut }: CallMemoryOptions) {
    this.reserveBytes = FRAME_COPIES * frameBytesMax;
    this.#bytesMax = Math.max(bytesMax, 8 * this.reserveBytes);
    this.#stallMs = stallMs;
    this.#onCut = onCut ?? (() => {});
  }

  /** What all calls hold now, bytes. */
  get held(): number {
    return this.#use.held;
  }

  /** A new call on a connection, whatever stands for it. `undefined` if there is no room. */
  open(key: object, cut: Cut): CallShare | undefined {
    const connection = this.#connections.get(key) ?? newConnection(key);
    if (!this.hasRoom(connection, CALL_BYTES)) return undefined;
    this.#connections.set(key, connection);
    const share = new CallShare(this, connection, cut);
    connection.shares.add(share);
    this.change(connection, "held", CALL_BYTES);
    return share;
  }

  /** Whether a connection may hold so much more. If not, stalled calls will make way. */
  hasRoom({ use }: ConnectionUse, bytes: number): boolean {
    return this.#fits(use.held + bytes + this.#use.held);
  }

  /** Whether a frame may be prepared. If not, stalled calls will make way. */
  hasRoomForFrame({ use, cut }: ConnectionUse): boolean {
    const all = this.#use;
    return (
      !cut && this.#fits(use.held + use.reserved + this.reserveBytes + all.held + all.reserved)
    );
  }

  /** The call is admitted when there is room for a frame. */
  wait(share: CallShare): void {
    share.connection.waiting.add(share);
    this.#waiting.add(share.connection);
  }

  /** A call holds, or has set aside, more, or less if negative. */
  change({ use }: ConnectionUse, what: keyof Use, bytes: number): void {
    use[what] += bytes;
    this.#use[what] += bytes;
    if (bytes < 0) this.#admit();
  }

  /** The call is over. REQUIRES: it holds nothing besides itself. */
  close(share: CallShare): void {
    const { connection } = share;
    connection.shares.delete(share);
    connection.waiting.delete(share);
    if (connection.waiting.size === 0) this.#waiting.delete(connection);
    if (connection.shares.size === 0) this.#connections.delete(connection.key);
    this.change(connection, "held", -CALL_BYTES);
  }

  /** Lets calls in that wait, one of each connection after the other, while there is room. */
  #admit(): void {
    for (const connection of this.#waiting) {
      const [share] = connection.waiting;
      if (!share || !this.hasRoomForFrame(connection)) continue;
      connection.waiting.delete(share);
      this.#waiting.delete(connection);
      if (connection.waiting.size > 0) this.#waiting.add(connection);
      share.admit();
    }
  }

  /** `bytes`: of the connection and of all together. */
  #fits(bytes: number): boolean {
    const fits = bytes <= this.#bytesMax;
    if (!fits) this.#lookSoon();
    return fits;
  }

  #lookSoon(): void {
    this.#looking ??= setTimeout(() => this.#look(), this.#stallMs / LOOKS_PER_STALL).unref();
  }

  #look(): void {
    this.#looking = undefined;
    const before = performance.now() - this.#stallMs;
    let calls = 0;
    for (const connection of this.#connections.values()) calls += cutStalled(connection, before);
    if (calls > 0) this.#onCut(calls);
    if (this.#waiting.size > 0) this.#lookSoon();
  }
}

function newConnection(key: object): ConnectionUse {
  const progressAtMs = performance.now();
  const use = { held: 0, reserved: 0 };
  return { key, use, progressAtMs, cut: false, shares: new Set(), waiting: new Set() };
}

/** Cuts off calls that have made no progress since, and returns how many. */
function cutStalled(connection: ConnectionUse, beforeMs: number): number {
  const { shares, progressAtMs } = connection;
  const stalled = [...shares].filter(
    (share) => share.waitsForClient && share.progressAtMs < beforeMs,
  );
  const [first] = stalled;
  if (first && progressAtMs < beforeMs) {
    // Nothing moves there: what is on its way to the network counts as well.
    connection.cut = true;
    const count = shares.size;
    first.cut("connection");
    return count;
  }
  for (const share of stalled) share.cut("call");
  return stalled.length;
}
