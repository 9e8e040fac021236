/** What the baselines need to know of the layout of the data; see docs/data-layout.md. */

/** First byte of the keys of blocks, and of append ids. */
export const KeySpace = { block: 0x62, appendId: 0x61 } as const;

const COUNT_AT = 45;

/** How many events a block holds. */
export function eventsInBlock(block: Buffer): number {
  return block.readUInt32BE(COUNT_AT);
}
