import { encodeFields, type Fields } from "./hpack.ts";

/** HTTP/2 as bytes (RFC 9113): also what no library would send. */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** What a client says first. */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const FRAME_HEADER_BYTES = 9;
const NOTHING = Buffer.alloc(0);

/** `length`, if given, is what the header says instead of the truth. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = NOTHING,
  length: number = payload.length,
): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length);
  bytes.writeUIntBE(length & 0xffffff, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream >>> 0, 5);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

export function settingsFrame(entries: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  for (const [i, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value >>> 0, i * 6 + 2);
  }
  return frame(FrameType.SETTINGS, 0, 0, payload);
}

export function headersFrame(
  stream: number,
  fields: Fields,
  flags: number = Flag.END_HEADERS,
): Buffer {
  return frame(FrameType.HEADERS, flags, stream, encodeFields(fields));
}

/** A body in frames of the size that every peer takes. */
export function dataFrames(stream: number, body: Uint8Array, flags = 0): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < body.length; at += FRAME_BYTES) {
    const isLast = at + FRAME_BYTES >= body.length;
    const payload = body.subarray(at, at + FRAME_BYTES);
    frames.push(frame(FrameType.DATA, isLast ? flags : 0, stream, payload));
  }
  return Buffer.concat(frames);
}

const FRAME_BYTES = 16_384;

export function rstFrame(stream: number, code = 8): Buffer {
  return frame(FrameType.RST_STREAM, 0, stream, uint32(code));
}

export function windowFrame(stream: number, increment: number): Buffer {
  return frame(FrameType.WINDOW_UPDATE, 0, stream, uint32(increment));
}

export function pingFrame(flags = 0): Buffer {
  return frame(FrameType.PING, flags, 0, Buffer.alloc(8));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
