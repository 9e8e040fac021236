import { FRAME_HEADROOM, hasHeadroom } from "@varve/engine";

/** What gRPC puts before a message: whether it is compressed, and its length, bytes. */
export const PREFIX_BYTES = 5;
const NOT_COMPRESSED = 0;

/**
 * A message with its prefix, which is written into the room before it; `undefined` if
 * it has none.
 */
export function withPrefix(message: Buffer): Buffer | undefined {
  if (!hasHeadroom(message)) return undefined;
  const { buffer, byteLength } = message;
  const whole = Buffer.from(buffer, FRAME_HEADROOM - PREFIX_BYTES, PREFIX_BYTES + byteLength);
  whole[0] = NOT_COMPRESSED;
  whole.writeUInt32BE(byteLength, 1);
  return whole;
}
