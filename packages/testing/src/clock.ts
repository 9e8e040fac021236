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

/** What a recorded time can be, ms since 1970. */
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * Throws `RangeError` for a time that an event cannot be recorded at, which is one
 * before 1970 or after 9999, and for a negative step.
 */
export function createTestClock(start: Date = START): TestClock {
  let nowMs = timeOf(start);
  return {
    now: () => new Date(nowMs),
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`A clock cannot advance by ${ms} ms`);
      nowMs = timeOf(new Date(nowMs + Math.trunc(ms)));
    },
    set: (time) => {
      nowMs = timeOf(time);
    },
  };
}

function timeOf(date: Date): number {
  const ms = date.getTime();
  if (ms >= 0 && ms <= LATEST_MS) return ms;
  throw new RangeError("The time is not a valid date in the years 1970 to 9999");
}
