import { varintSize, writeVarint } from "../format/varint.js";

// Tags of the fields of `ReadResponse` and of `ReadHeader`.
const HEADER = 0x0a;
const EXISTS = 0x08;
const LAST_REVISION = 0x10;
const HEAD = 0x18;

/**
 * An encoded `ReadResponse` with a header. `lastRevision`: -1 if the stream does not
 * exist. Every read has one, so it is written without the detour of a message.
 */
export function encodeReadHeader(lastRevision: number, head: number): Buffer {
  const exists = lastRevision >= 0;
  const size = (exists ? 3 + varintSize(lastRevision) : 0) + (head > 0 ? 1 + varintSize(head) : 0);
  const target = Buffer.allocUnsafe(2 + size);
  target[0] = HEADER;
  target[1] = size;
  let at = 2;
  if (exists) {
    at = writeVarint(target, at, EXISTS);
    at = writeVarint(target, at, 1);
    at = writeVarint(target, at, LAST_REVISION);
    at = writeVarint(target, at, lastRevision);
  }
  if (head > 0) writeVarint(target, writeVarint(target, at, HEAD), head);
  return target;
}
