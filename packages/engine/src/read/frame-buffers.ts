/**
 * Bytes that lie free before a large frame: a transport can put there what it has to
 * say of a message, and need not copy it.
 */
export const FRAME_HEADROOM = 5;

/** What nearly all large frames go into: they end with the block that fills them. */
const CAPACITY = 320 * 1024;
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
  const buffer =
    (size <= CAPACITY && free.pop()) || Buffer.allocUnsafeSlow(Math.max(size, CAPACITY));
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
