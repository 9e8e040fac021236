import { FRAME_HEADROOM } from "@varve/engine";

/** What gRPC puts before a message: whether it is compressed, and its length, bytes. */
export const PREFIX_BYTES = 5;
const NOT_COMPRESSED = 0;

/**
 * A message with its prefix, which is written into the room before it. `undefined` if
 * there is none: the message does not fill the rest of a buffer of its own.
 */
export function withPrefix({ buffer, byteOffset, byteLength }: Buffer): Buffer | undefined {
  const hasRoom = byteOffset === FRAME_HEADROOM && buffer.byteLength === byteOffset + byteLength;
  if (!hasRoom) return undefined;
  const whole = Buffer.from(buffer, FRAME_HEADROOM - PREFIX_BYTES);
  whole[0] = NOT_COMPRESSED;
  whole.writeUInt32BE(byteLength, 1);
  return whole;
}
