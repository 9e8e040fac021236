import type { AppendRequest } from "@varve/proto";
import type { EventStore } from "../event-store.js";
import type { Database } from "../log/database.js";
import { append, appendRequest, memoryDatabase, nextId, storeOn } from "./requests.js";

/** When the first append of a small log is recorded, in ms since 1970. */
export const FIRST_MS = 1_700_000_000_000;
/** How much later each further one is. */
export const STEP_MS = 1000;

/** A log of a few blocks, and what it was made of. */
export interface SmallLog {
  readonly store: EventStore;
  readonly db: Database;
  readonly appends: readonly AppendRequest[];
  /** Moves on by `STEP_MS`, and appends. */
  append(...drafts: Parameters<typeof appendRequest>[0]): Promise<AppendRequest>;
}

/**
 * Blocks of one and of several events, of several streams, with tags, and one
 * append that is cut into two blocks: 12 positions in 6 blocks.
 */
export async function smallLog(): Promise<SmallLog> {
  const log = await emptyLog();
  await log.append({ stream: "order-1", tags: ["a"] });
  await log.append({ stream: "order-1" }, { stream: "order-2", tags: ["a", "b"] });
  await log.append({ stream: "plan", type: "plan.Made" });
  const large = "x".repeat(20 * 1024);
  await log.append(
    { stream: "s-1", data: large },
    { stream: "s-1", data: large },
    { stream: "s-2" },
  );
  const five = Array.from({ length: 5 }, (_, i) => ({ stream: `order-${i}` }));
  await log.append(...five);
  return log;
}

export async function emptyLog(): Promise<SmallLog> {
  const db = memoryDatabase();
  let nowMs = FIRST_MS;
  // Nothing but the last block is read from memory.
  const store = storeOn(db, { clock: () => nowMs, tailBytesMax: 1, cacheBytesMax: 1 });
  const appends: AppendRequest[] = [];
  return {
    store,
    db,
    appends,
    append: async (...drafts) => {
      const request = appendRequest(drafts, { appendId: nextId() });
      await append(store, request);
      appends.push(request);
      nowMs += STEP_MS;
      return request;
    },
  };
}
