import { describe, expect, it, vi } from "vitest";
import { append, appendRequest, memoryDatabase, storeOn } from "../test-support/requests.js";
import type { Database } from "./database.js";
import { EventLog } from "./event-log.js";

const EVENTS = 60;
const DATA_BYTES = 50_000;

/** A log of 3 MB, each event in a block of its own. */
async function largeDatabase(): Promise<Database> {
  const db = memoryDatabase();
  const store = storeOn(db);
  const data = "x".repeat(DATA_BYTES);
  for (let n = 0; n < EVENTS; n++) await append(store, appendRequest([{ stream: "s", data }]));
  await store.close();
  await db.open();
  return db;
}

describe("the blocks of a log that are in memory", () => {
  it.each([
    ["forwards", false],
    ["backwards", true],
  ])(
    "are handed out half a mebibyte at a time, %s: a slow reader holds no more",
    async (_, back) => {
      const log = await EventLog.open(await largeDatabase());
      const range = vi.spyOn(log.tail, "range");
      const positions: number[] = [];
      for await (const block of log.blocks({ first: 1, last: EVENTS }, back)) {
        positions.push(block.lastPosition);
      }
      const inOrder = Array.from({ length: EVENTS }, (_, i) => i + 1);
      expect(positions).toEqual(back ? inOrder.reverse() : inOrder);
      expect(range.mock.calls.length).toBeGreaterThanOrEqual(5);
    },
  );
});
