import { FRAME_HEADROOM, hasHeadroom } from "@varve/engine";

/** What gRPC puts before a message: whether it is compressed, and its length, bytes. */
export const PREFIX_BYTES = 5;
const NOT_COMPRESSED = 0;

/** Messages of one answer, each behind its prefix, to be sent in one piece. */
export class JoinedMessages {
  readonly bytes: Buffer;

  constructor(messages: readonly Buffer[]) {
    this.bytes = Buffer.allocUnsafe(
      messages.reduce((size, message) => size + PREFIX_BYTES + message.length, 0),
    );
    let at = 0;
    for (const message of messages) {
      writePrefix(this.bytes, at, message.length);
      at += PREFIX_BYTES + message.copy(this.bytes, at + PREFIX_BYTES);
    }
  }
}

/**
 * A message with its prefix, which is written into the room before it; `undefined` if
 * it has none.
 */
export function withPrefix(message: Buffer): Buffer | undefined {
  if (!hasHeadroom(message)) return undefined;
  const { buffer, byteLength } = message;
  const whole = Buffer.from(buffer, FRAME_HEADROOM - PREFIX_BYTES, PREFIX_BYTES + byteLength);
  writePrefix(whole, 0, byteLength);
  return whole;
}

function writePrefix(target: Buffer, at: number, length: number): void {
  target[at] = NOT_COMPRESSED;
  target.writeUInt32BE(length, at + 1);
}
