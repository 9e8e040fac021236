import type { Connection } from "./connection.ts";
import type { Recorder } from "./recorder.ts";

/** What the parts of a load that share a connection work with. */
export interface LoadContext {
  /** For the history: its number among the clients. */
  readonly client: number;
  readonly connection: Connection;
  readonly recorder: Recorder;
  /** Aborts when nothing new is to be begun. */
  readonly signal: AbortSignal;
  /** A call that has no answer after this time is given up, ms. */
  readonly timeoutMs: number;
}
