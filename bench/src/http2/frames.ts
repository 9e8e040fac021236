/** What this client needs of the frames of HTTP/2 (RFC 9113, sections 4 and 6). */

export const FRAME_HEADER_BYTES = 9;
/** Payload that every peer takes in one frame. */
export const FRAME_PAYLOAD_MAX = 16_384;
/** Of a connection, and of each stream until the peer's settings say otherwise. */
export const WINDOW_BYTES_DEFAULT = 65_535;

export const FrameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

export const Flag = {
  endStream: 0x01,
  ack: 0x01,
  endHeaders: 0x04,
  padded: 0x08,
} as const;

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  initialWindowSize: 4,
} as const;

/** What a client says first. */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Writes the header of a frame and returns the place after it. */
export function writeFrameHeader(
  target: Buffer,
  start: number,
  payloadBytes: number,
  type: number,
  flags: number,
  stream: number,
): number {
  target.writeUIntBE(payloadBytes, start, 3);
  target[start + 3] = type;
  target[start + 4] = flags;
  target.writeUInt32BE(stream, start + 5);
  return start + FRAME_HEADER_BYTES;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  payload.copy(bytes, writeFrameHeader(bytes, 0, payload.length, type, flags, stream));
  return bytes;
}

export function settingsFrame(settings: Readonly<Record<number, number>>): Buffer {
  const entries = Object.entries(settings);
  const payload = Buffer.allocUnsafe(entries.length * 6);
  entries.forEach(([setting, value], i) => {
    payload.writeUInt16BE(Number(setting), i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(FrameType.settings, 0, 0, payload);
}

/** The settings of a frame, by their numbers. */
export function readSettings(payload: Buffer): Map<number, number> {
  const settings = new Map<number, number>();
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  }
  return settings;
}

/** Lets the peer send more; stream 0 stands for the connection. */
export function windowUpdateFrame(stream: number, bytes: number): Buffer {
  return frame(FrameType.windowUpdate, 0, stream, uint32(bytes));
}

export function resetFrame(stream: number, errorCode: number): Buffer {
  return frame(FrameType.resetStream, 0, stream, uint32(errorCode));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
