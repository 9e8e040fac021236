/**
 * Fills a data folder through the engine, in large appends:
 *
 *     node fill-program.ts FOLDER EVENTS
 *
 * Ends when LevelDB has nothing left to tidy up, so that no measurement pays for it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_WORKSPACE, databaseEncoding, EventStore, memoryStorage } from "@varve/engine";
import { ClassicLevel } from "classic-level";
import { appendRequest, encodeAppend } from "../load/events.ts";
import { seededRandom } from "../load/random.ts";
import { logOf } from "./log.ts";

const EVENTS_PER_APPEND = 1000;
const AT_ONCE = 4;
const SEED = 1;
/** LevelDB is done when so many looks in a row find no more than this part of a core used. */
const IDLE_LOOKS = 4;
const IDLE_PART = 0.02;
const LOOK_EVERY_MS = 250;

const folder = process.argv[2] as string;
const count = Number(process.argv[3]);

const database = join(folder, "workspaces", DEFAULT_WORKSPACE);
await mkdir(database, { recursive: true });
const store = new EventStore(memoryStorage(() => new ClassicLevel(database, databaseEncoding)));
await fill();
await settle();
await store.close();

async function fill(): Promise<void> {
  const log = logOf(count, seededRandom(SEED));
  let filled = 0;
  const append = async (): Promise<void> => {
    while (filled < count) {
      const size = Math.min(EVENTS_PER_APPEND, count - filled);
      const events = Array.from({ length: size }, () => log());
      filled += size;
      await store.append(encodeAppend(appendRequest(events)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, append));
}

/** LevelDB tidies up in a thread of its own and does not say when it is done. */
async function settle(): Promise<void> {
  for (let idle = 0; idle < IDLE_LOOKS; ) {
    const before = process.cpuUsage();
    await sleep(LOOK_EVERY_MS);
    const { user, system } = process.cpuUsage(before);
    idle = (user + system) / 1000 < IDLE_PART * LOOK_EVERY_MS ? idle + 1 : 0;
  }
}
