import { realTimers } from "../real-timers.js";

/** How long readers rest for each ms that a frame of theirs took. */
const REST_RATIO = 2;
/** A disk that is slow to read from is not what appends wait for. */
const REST_MS_MAX = 20;

/**
 * Keeps those who read much of the log from holding up appends. While there are
 * any, one frame is prepared at a time and the next begins after a rest: readers
 * get about a third of the time. With no appends they get all of it.
 */
export class ReadTurns {
  #before: Promise<void> = Promise.resolve();

  /** `areAppending`: whether any append waits to be stored. */
  constructor(private readonly areAppending: () => boolean) {}

  /** Prepares a frame when it is its turn. */
  take<T>(prepare: () => Promise<T>): Promise<T> {
    if (!this.areAppending()) return prepare();
    const turn = this.#before.then(() => this.#prepare(prepare));
    this.#before = turn.then(({ rest }) => rest);
    return turn.then(({ frame }) => frame);
  }

  /** Never rejects, but for what `frame` does. */
  async #prepare<T>(
    prepare: () => Promise<T>,
  ): Promise<{ frame: Promise<T>; rest: Promise<void> }> {
    const beganMs = performance.now();
    const frame = prepare();
    await frame.catch(() => {});
    const tookMs = performance.now() - beganMs;
    const restMs = this.areAppending() ? Math.min(REST_RATIO * tookMs, REST_MS_MAX) : 0;
    return { frame, rest: restMs > 0 ? sleep(restMs) : Promise.resolve() };
  }
}

/** Frames of which all but the first take their turns: a short read waits for nobody. */
export async function* inTurns<T>(frames: AsyncGenerator<T>, turns: ReadTurns): AsyncGenerator<T> {
  try {
    let result = await frames.next();
    while (!result.done) {
      yield result.value;
      result = await turns.take(() => frames.next());
    }
  } finally {
    await frames.return(undefined);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => realTimers.setTimeout(resolve, ms));
}
