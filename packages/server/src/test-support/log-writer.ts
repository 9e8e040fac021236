import { maskedCrc32c } from "../integrity/crc32c.js";
import { FRAGMENT_HEADER_BYTES, FragmentType, LOG_BLOCK_BYTES } from "../integrity/log-fragment.js";

/** Writes records as LevelDB does. */
export function logOf(records: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  const push = (piece: Buffer): void => {
    pieces.push(piece);
    at += piece.length;
  };
  for (const record of records) {
    for (let start = 0, begins = true; begins || start < record.length; begins = false) {
      let left = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES);
      if (left < FRAGMENT_HEADER_BYTES) {
        push(Buffer.alloc(left));
        left = LOG_BLOCK_BYTES;
      }
      const content = record.subarray(start, start + left - FRAGMENT_HEADER_BYTES);
      start += content.length;
      push(fragment(typeOf(begins, start === record.length), content));
    }
  }
  return Buffer.concat(pieces);
}

function typeOf(begins: boolean, ends: boolean): number {
  if (begins) return ends ? FragmentType.full : FragmentType.first;
  return ends ? FragmentType.last : FragmentType.middle;
}

/** With its header. */
export function fragment(type: number, content: Buffer): Buffer {
  const covered = Buffer.concat([Buffer.of(type), content]);
  const header = Buffer.alloc(FRAGMENT_HEADER_BYTES - 1);
  header.writeUInt32LE(maskedCrc32c(covered));
  header.writeUInt16LE(content.length, 4);
  return Buffer.concat([header, covered]);
}
