/**
 * The numbers and letters of the data layout. FROZEN: databases in the field
 * hold them. A change means a new format number and a way to read the old one.
 * `docs/data-layout.md` is the grammar that these are the words of.
 */

/** Written to every database; a higher number on disk is refused. */
export const DATABASE_FORMAT = 1;

/** Written to every block. */
export const BLOCK_FORMAT = 1;

/** First byte of every key: which key space it belongs to. */
export const KeySpace = {
  appendId: 0x61, // a
  block: 0x62, // b
  category: 0x63, // c
  appendIdExpiry: 0x65, // e
  tag: 0x67, // g
  metadata: 0x6d, // m
  snapshot: 0x6e, // n
  stream: 0x73, // s
  type: 0x74, // t
} as const;

/** Ends a name inside a key. Names have no control characters, so it sorts first. */
export const NAME_END = 0x00;

/** Offsets inside a block's value. */
export const BlockOffset = {
  crc: 0,
  format: 4,
  chain: 5,
  /** From here to the end is what the chain hashes. */
  sealed: 37,
  lastPosition: 37,
  count: 45,
  time: 49,
  body: 55,
} as const;

export const CHAIN_BYTES = 32;

/** The chain value before the first block. */
export const CHAIN_GENESIS: Buffer = Buffer.alloc(CHAIN_BYTES);
