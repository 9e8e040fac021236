/**
 * The numbers of the backup format. FROZEN: backups that are kept somewhere hold
 * them. A change means a new format number and a way to read the old one.
 * `docs/backup.md` is the grammar that these are the words of.
 */

/** First bytes of every backup. */
export const BACKUP_MAGIC: Buffer = Buffer.from("VARVEBAK", "latin1");

/** Follows on them; a higher number in a backup is refused. */
export const BACKUP_FORMAT = 1;

/** Bytes of magic, format number and checksum. */
export const PREAMBLE_BYTES = 16;

/** Bytes of length and checksum before every frame. */
export const RECORD_HEADER_BYTES = 8;

/**
 * A frame is never longer: it holds about 256 KiB, or one block that is larger
 * because its event is, and no event is larger than 64 MiB.
 */
export const FRAME_BYTES_MAX: number = 128 * 1024 * 1024;
