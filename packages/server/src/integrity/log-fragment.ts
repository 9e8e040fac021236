import { maskedCrc32c, maskedCrc32cOfBeginnings } from "./crc32c.js";

/**
 * Files of LevelDB's log format, which are its logs and manifests, are cut into
 * blocks. A record is one fragment, or one in each of several blocks:
 *
 *     file     := (fragment* padding)*       in each block; padding: up to 6 bytes of 00
 *     fragment := crc:u32le length:u16le type:u8 content
 *                                            crc = masked CRC-32C of type, content
 */
export const LOG_BLOCK_BYTES: number = 32 * 1024;
export const FRAGMENT_HEADER_BYTES = 7;

export const FragmentType = { full: 1, first: 2, middle: 3, last: 4 } as const;

export interface Fragment {
  readonly type: number;
  readonly content: Buffer;
  /** Where the next one may begin. */
  readonly end: number;
}

/** Why there is no fragment, in words. */
export type Fault = "cut off" | "zeros" | "wrong length" | "wrong checksum" | "unknown type";

/** Reads the fragment at a place. REQUIRES: its header would fit into the block. */
export function readFragment(bytes: Buffer, at: number): Fragment | Fault {
  if (at + FRAGMENT_HEADER_BYTES > bytes.length) return "cut off";
  const end = at + FRAGMENT_HEADER_BYTES + bytes.readUInt16LE(at + 4);
  const type = bytes[at + 6] as number;
  if (end > endOfBlock(at)) return "wrong length";
  if (end > bytes.length) return "cut off";
  if (isZero(bytes.subarray(at, at + FRAGMENT_HEADER_BYTES))) return "zeros";
  const covered = bytes.subarray(at + 6, end);
  if (maskedCrc32c(covered) !== bytes.readUInt32LE(at)) return "wrong checksum";
  if (type < FragmentType.full || type > FragmentType.last) return "unknown type";
  return { type, content: covered.subarray(1), end };
}

/** Where the block ends that holds a place. */
export function endOfBlock(at: number): number {
  return at - (at % LOG_BLOCK_BYTES) + LOG_BLOCK_BYTES;
}

/**
 * Whether the end of a file is what a write leaves that was not finished, and so
 * was never acknowledged: a fragment that is cut off by the end of the file, or by
 * zeros up to it, which a loss of power leaves where nothing had been written yet.
 * REQUIRES: `fault` is that of the fragment at `at`.
 */
export function isUnfinished(bytes: Buffer, at: number, fault: Fault): boolean {
  if (fault === "cut off") return !hasWrongLength(bytes, at) && !isFollowed(bytes, at);
  const zerosFrom = endOfContent(bytes);
  if (at >= zerosFrom) return true;
  if (fault !== "wrong checksum" && fault !== "unknown type") return false;
  const sectorsFrom = Math.ceil(zerosFrom / SECTOR_BYTES) * SECTOR_BYTES;
  const end = at + FRAGMENT_HEADER_BYTES + bytes.readUInt16LE(at + 4);
  return sectorsFrom < end && sectorsFrom + ZEROS_MIN <= bytes.length;
}

/** Disks write no less than this at a time. */
const SECTOR_BYTES = 512;
/** What is written may end with a few zeros itself: postings do, with three at most. */
const ZEROS_MIN = 4;

/** Whether the fragment would be whole if it were shorter. */
function hasWrongLength(bytes: Buffer, at: number): boolean {
  if (at + FRAGMENT_HEADER_BYTES > bytes.length) return false;
  const expected = bytes.readUInt32LE(at);
  const rest = bytes.subarray(at + 6, endOfBlock(at));
  for (const crc of maskedCrc32cOfBeginnings(rest)) if (crc === expected) return true;
  return false;
}

/** Whether there is a fragment that is whole somewhere after a place. */
function isFollowed(bytes: Buffer, at: number): boolean {
  for (let next = at + 1; next + FRAGMENT_HEADER_BYTES < bytes.length; next++) {
    const type = bytes[next + 6] as number;
    if (type < FragmentType.full || type > FragmentType.last) continue;
    if (typeof readFragment(bytes, next) === "object") return true;
  }
  return false;
}

/** Where the zeros begin that the file ends with. */
function endOfContent(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
