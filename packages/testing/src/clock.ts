/** A clock that stands still until it is moved. */
export interface TestClock {
  /** What the clock shows. */
  now(): Date;
  /** Moves the clock on, ms; 0 or more. */
  advance(ms: number): void;
  /** Sets the clock, also back. Recorded times never decrease all the same. */
  set(time: Date): void;
}

/** Default start of a test clock: any time is as good as another, as long as it is the same. */
const START = new Date("2024-01-01T00:00:00Z");

/** Throws `RangeError` for a time that is none, or a negative step. */
export function createTestClock(start: Date = START): TestClock {
  let nowMs = timeOf(start);
  return {
    now: () => new Date(nowMs),
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`A clock cannot advance by ${ms} ms`);
      nowMs += Math.trunc(ms);
    },
    set: (time) => {
      nowMs = timeOf(time);
    },
  };
}

function timeOf(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new RangeError("The time is not a valid date");
  return ms;
}
