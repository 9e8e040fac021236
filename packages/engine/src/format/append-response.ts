import { encodeTimestamp } from "./recorded-event.js";
import { varintSize, writeVarint } from "./varint.js";

/** What an append wrote in one stream. */
export interface WrittenRange {
  readonly stream: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

export interface Appended {
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** Of recording, in ms since 1970. */
  readonly timeMs: number;
  /** In order of first appearance. */
  readonly ranges: readonly WrittenRange[];
}

// Tags of the fields of `AppendResponse` and of `StreamRange`.
const FIRST_POSITION = 0x08;
const LAST_POSITION = 0x10;
const RECORDED_AT = 0x1a;
const STREAMS = 0x22;
const STREAM = 0x0a;
const FIRST_REVISION = 0x10;
const LAST_REVISION = 0x18;

/** An encoded `AppendResponse`. Every append has one, so it is written without the detour of a message. */
export function encodeAppendResponse(appended: Appended): Buffer {
  const { firstPosition, lastPosition, ranges } = appended;
  const time = encodeTimestamp(appended.timeMs);
  let size = 4 + time.length + varintSize(firstPosition) + varintSize(lastPosition);
  for (const range of ranges) size += 1 + varintSize(rangeSize(range)) + rangeSize(range);
  const target = Buffer.allocUnsafe(size);
  let at = writeNumber(target, 0, FIRST_POSITION, firstPosition);
  at = writeNumber(target, at, LAST_POSITION, lastPosition);
  at = writeNumber(target, at, RECORDED_AT, time.length);
  at += time.copy(target, at);
  for (const range of ranges) at = writeRange(target, at, range);
  return target;
}

function rangeSize({ stream, firstRevision, lastRevision }: WrittenRange): number {
  const bytes = Buffer.byteLength(stream);
  return 3 + varintSize(bytes) + bytes + varintSize(firstRevision) + varintSize(lastRevision);
}

function writeRange(target: Buffer, start: number, range: WrittenRange): number {
  let at = writeNumber(target, start, STREAMS, rangeSize(range));
  at = writeNumber(target, at, STREAM, Buffer.byteLength(range.stream));
  at += target.write(range.stream, at);
  at = writeNumber(target, at, FIRST_REVISION, range.firstRevision);
  return writeNumber(target, at, LAST_REVISION, range.lastRevision);
}

/** A varint, or the length of what follows. */
function writeNumber(target: Buffer, at: number, tag: number, value: number): number {
  target[at] = tag;
  return writeVarint(target, at + 1, value);
}
