import type { EventStoreClient } from "@varve/client";
import type { TextOutput } from "./output/text-output.js";

/** What a command works with. */
export interface CommandContext {
  readonly client: EventStoreClient;
  /** Standard output: results, nothing else. */
  readonly out: TextOutput;
  /** Standard error: everything said about the work. */
  readonly err: TextOutput;
  /** True if results go to a person: standard output is a terminal, and not `--json`. */
  readonly isTerminal: boolean;
  /**
   * Takes over SIGINT and SIGTERM: the signal aborts on the first of them, so
   * that the command can end in its own way. Without this call they end the
   * process.
   */
  readonly takeInterrupts: () => AbortSignal;
}
