/**
 * Matchers for vitest. Import this for its effect, once in a test file or in a
 * file of `setupFiles`: `import "@varve/testing/vitest"`.
 */
import { expect } from "vitest";
import {
  type AppendedOptions,
  type ExpectedViolation,
  type StreamEvent,
  toBeAtRevision,
  toBeConditionFailure,
  toHaveAppended,
} from "./vitest/matchers.js";

export type { AppendedOptions, ExpectedViolation, StreamEvent } from "./vitest/matchers.js";

declare module "vitest" {
  // What vitest looks for: the parameters must be these, also where one is not used.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * Of a client: the stream has exactly these events, in order. Each is compared
     * by what is given of it. To be awaited.
     */
    toHaveAppended(
      stream: string,
      events: StreamEvent | readonly StreamEvent[],
      options?: AppendedOptions,
    ): Promise<void>;
    /** Of a client: the stream's last event has this revision. To be awaited. */
    toBeAtRevision(stream: string, revision: bigint | number | "no-stream"): Promise<void>;
    /** Of an error: conditions of an append did not hold, among them one like this. */
    toBeConditionFailure(violation?: ExpectedViolation): R;
  }
}

expect.extend({ toHaveAppended, toBeAtRevision, toBeConditionFailure });
