/**
 * As it was when this was loaded: a test that puts fake timers in its place, as
 * `vi.useFakeTimers()` does, must not stop the store.
 */
const setImmediateNow = setImmediate;

let next: Promise<void> | undefined;

/**
 * Resolves in the next turn of the event loop, so that timers and whatever else
 * waits outside of promises have had theirs. All who wait in one turn share the next.
 */
export function turn(): Promise<void> {
  next ??= new Promise((resolve) => {
    setImmediateNow(() => {
      next = undefined;
      resolve();
    });
  });
  return next;
}
