/**
 * Bytes that lie free before a large frame: a transport can put there what it has to
 * say of a message, and need not copy it.
 */
export const FRAME_HEADROOM = 5;

/** What nearly all full frames go into: they end with the block that fills them. */
const CAPACITY = 320 * 1024;
/** Smaller frames get a buffer of their own: many live subscriptions would each hold a large one. */
const REUSED_MIN = CAPACITY / 2;
/** Buffers that are kept for the next frames. */
const FREE_MAX = 16;

const free: Buffer[] = [];
/** Those that hold a frame, by what they lie in. */
const lent = new WeakSet<ArrayBufferLike>();

/**
 * Room for a large frame of so many bytes, with `FRAME_HEADROOM` before it. Without
 * buffers that are used again, most of what a replay costs is to collect them.
 */
export function lendFrame(bytes: number): Buffer {
  const size = FRAME_HEADROOM + bytes;
  const isReused = size >= REUSED_MIN && size <= CAPACITY;
  const buffer = (isReused && free.pop()) || Buffer.allocUnsafeSlow(isReused ? CAPACITY : size);
  lent.add(buffer.buffer);
  return buffer.subarray(FRAME_HEADROOM, size);
}

/** Whether a message has free room before it. */
export function hasHeadroom(message: Buffer): boolean {
  return lent.has(message.buffer);
}

/**
 * Gives a frame back that nobody reads any more; does nothing with any other message.
 * Whoever does not give it back leaves it to the garbage collector.
 */
export function returnFrame(message: Buffer): void {
  const { buffer } = message;
  if (!lent.delete(buffer)) return;
  if (buffer.byteLength === CAPACITY && free.length < FREE_MAX) free.push(Buffer.from(buffer));
}
