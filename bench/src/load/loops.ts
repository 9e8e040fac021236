import type { LoadCount } from "./unary-load.ts";

/** Callers that each wait for their call before they make the next, for some time. */
export async function runCallers(
  callers: number,
  seconds: number,
  call: () => Promise<unknown>,
): Promise<LoadCount> {
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let calls = 0;
  const caller = async (): Promise<void> => {
    do {
      await call();
      calls++;
    } while (performance.now() < endMs);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { calls, seconds: (performance.now() - startedMs) / 1000 };
}

/** One caller that waits for each call; how long each took, ms. */
export async function timeCalls(
  seconds: number,
  call: () => Promise<unknown>,
): Promise<readonly number[]> {
  const timesMs: number[] = [];
  let nowMs = performance.now();
  const endMs = nowMs + seconds * 1000;
  do {
    await call();
    const doneMs = performance.now();
    timesMs.push(doneMs - nowMs);
    nowMs = doneMs;
  } while (nowMs < endMs);
  return timesMs;
}

/**
 * Begins calls at a rate, whether or not those before are answered. Timers have a
 * grain of 1 ms: what is due by then begins together.
 */
export async function beginAtRate(
  perSecond: number,
  seconds: number,
  begin: () => void,
): Promise<void> {
  const startedMs = performance.now();
  const total = Math.max(1, Math.round(perSecond * seconds));
  for (let begun = 0; begun < total; ) {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * perSecond) + 1;
    while (begun < Math.min(due, total)) {
      begin();
      begun++;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
