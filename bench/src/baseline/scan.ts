import type { Level } from "./batches.ts";
import { eventsInBlock, KeySpace } from "./layout.ts";

const BLOCKS_AT_ONCE = 1000;
const BYTES_AT_ONCE = 512 * 1024;

/**
 * B2: reads the blocks of the log in order, from its start to its end and again, and
 * does nothing with them. No replay from disk can be faster than this.
 */
export async function scanBlocks(
  db: Level,
  seconds: number,
): Promise<{ events: number; seconds: number }> {
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let events = 0;
  while (performance.now() < endMs) events += await scanUntil(db, endMs);
  return { events, seconds: (performance.now() - startedMs) / 1000 };
}

async function scanUntil(db: Level, endMs: number): Promise<number> {
  const range = { gte: Buffer.of(KeySpace.block), lt: Buffer.of(KeySpace.block + 1) };
  const values = db.values({ ...range, highWaterMarkBytes: BYTES_AT_ONCE });
  let events = 0;
  try {
    while (performance.now() < endMs) {
      const blocks = await values.nextv(BLOCKS_AT_ONCE);
      if (blocks.length === 0) break;
      for (const block of blocks) events += eventsInBlock(block);
    }
    return events;
  } finally {
    await values.close();
  }
}
