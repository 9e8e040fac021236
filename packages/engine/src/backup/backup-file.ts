import { crc32 } from "node:zlib";
import { BackupCheck } from "./backup-check.js";
import { BackupError, damagedBackup } from "./backup-error.js";
import { ByteReader } from "./byte-reader.js";
import type { CheckedFrame } from "./checked-frames.js";
import {
  BACKUP_FORMAT,
  BACKUP_MAGIC,
  FRAME_BYTES_MAX,
  PREAMBLE_BYTES,
  RECORD_HEADER_BYTES,
} from "./constants.js";

/**
 * A backup as a run of bytes, to be kept in a file:
 *
 *     backup   := preamble record+
 *     preamble := magic:8bytes format:u32be crc:u32be
 *     record   := length:u32be crc:u32be frame           frame = BackupResponse
 *     crc      := CRC-32 of everything before it that is not itself a crc, and,
 *                 in a record, of the frame
 *
 * Every checksum rests on all that comes before, so that records can neither be
 * left out nor change places.
 *
 * Encodes the frames of a backup, each an encoded `BackupResponse`, and checks
 * them on the way; `check` tells how far it has come. Throws `BackupError` if the
 * frames are not a whole backup.
 */
export async function* encodeBackup(
  frames: AsyncIterable<Uint8Array>,
  check: BackupCheck = new BackupCheck(),
): AsyncGenerator<Buffer> {
  let crc = PREAMBLE_CRC;
  let offset = 0;
  for await (const frame of frames) {
    check.take(frame, Math.max(offset, PREAMBLE_BYTES));
    if (offset === 0) yield preamble();
    const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + frame.length);
    record.writeUInt32BE(frame.length, 0);
    crc = recordCrc(crc, record.subarray(0, 4), frame);
    record.writeUInt32BE(crc, 4);
    record.set(frame, RECORD_HEADER_BYTES);
    yield record;
    offset = Math.max(offset, PREAMBLE_BYTES) + record.length;
  }
  check.ended(offset);
}

/**
 * Reads a backup to its end and yields its frames, each checked: nothing is
 * yielded that is not what was written. What was yielded is of use only once the
 * end has come. Throws `BackupError` with the place.
 */
export async function* decodeBackup(
  bytes: AsyncIterable<Uint8Array>,
  check: BackupCheck = new BackupCheck(),
): AsyncGenerator<CheckedFrame> {
  const reader = new ByteReader(bytes);
  try {
    checkPreamble(await reader.take(PREAMBLE_BYTES));
    let crc = PREAMBLE_CRC;
    for (;;) {
      const { offset } = reader;
      const record = await readRecord(reader, crc, check);
      if (!record) break;
      crc = record.crc;
      yield check.take(record.frame, offset);
    }
    check.ended(reader.offset);
  } finally {
    await reader.close();
  }
}

interface Record {
  readonly frame: Buffer;
  readonly crc: number;
}

/** `undefined` at the end. */
async function readRecord(
  reader: ByteReader,
  crcBefore: number,
  { position, hasEnded }: BackupCheck,
): Promise<Record | undefined> {
  const { offset } = reader;
  const header = await reader.take(RECORD_HEADER_BYTES);
  if (header.length === 0) return undefined;
  if (hasEnded) throw damagedBackup("something follows after its end", offset, position);
  if (header.length < RECORD_HEADER_BYTES) throw damagedBackup("it is cut off", offset, position);
  const length = header.readUInt32BE(0);
  if (length > FRAME_BYTES_MAX) {
    throw damagedBackup(`a frame of ${length} bytes is impossible`, offset, position);
  }
  const frame = await reader.take(length);
  if (frame.length < length) {
    const what = `the frame has ${length} bytes, and the backup ends after ${frame.length} of them`;
    throw damagedBackup(what, offset, position);
  }
  const crc = recordCrc(crcBefore, header.subarray(0, 4), frame);
  if (crc !== header.readUInt32BE(4)) {
    throw damagedBackup("checksum does not match", offset, position);
  }
  return { frame, crc };
}

function checkPreamble(bytes: Buffer): void {
  if (!bytes.subarray(0, BACKUP_MAGIC.length).equals(BACKUP_MAGIC)) {
    throw damagedBackup("it does not begin as a backup of Varve does", 0);
  }
  if (bytes.length < PREAMBLE_BYTES) throw damagedBackup("it is cut off", 0);
  if (crc32(bytes.subarray(0, 12)) !== bytes.readUInt32BE(12)) {
    throw damagedBackup("checksum does not match", 0);
  }
  const format = bytes.readUInt32BE(8);
  if (format === BACKUP_FORMAT) return;
  throw new BackupError(
    "BACKUP_TOO_NEW",
    `the backup has format ${format}, this version knows formats up to ${BACKUP_FORMAT}: use a newer version`,
  );
}

function preamble(): Buffer {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  BACKUP_MAGIC.copy(bytes);
  bytes.writeUInt32BE(BACKUP_FORMAT, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 12)), 12);
  return bytes;
}

const PREAMBLE_CRC: number = preamble().readUInt32BE(12);

function recordCrc(before: number, length: Buffer, frame: Uint8Array): number {
  return crc32(frame, crc32(length, before));
}
