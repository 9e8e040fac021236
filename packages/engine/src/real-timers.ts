/**
 * Timers as they were when the engine was loaded. The tests of a program may put fake
 * ones in their place that never fire; the store in the same process goes on all the same.
 */
export const realTimers: Pick<typeof globalThis, "setImmediate" | "setInterval" | "setTimeout"> = {
  setImmediate,
  setInterval,
  setTimeout,
};
