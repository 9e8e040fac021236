import { setTimeout as sleep } from "node:timers/promises";

/** The grain of the clock: less cannot be told from nothing. */
const IDLE_MS = 10;
const LOOKS_MAX = 50;

/**
 * Resolves when a process does nothing any more, or after 50 looks of so many ms. LevelDB
 * goes on tidying up after a load; it must not do so at the cost of what is measured next.
 * `cpuMs` reads how much processor time it has used.
 */
export async function settled(cpuMs: () => number | undefined, lookMs: number): Promise<void> {
  let before = cpuMs();
  for (let look = 0; look < LOOKS_MAX && before !== undefined; look++) {
    await sleep(lookMs);
    const now = cpuMs();
    if (now === undefined || now - before <= IDLE_MS) return;
    before = now;
  }
}
