import type { Readable } from "node:stream";
import type { EventStoreClient } from "@varve/client";
import type { MaintenanceClient } from "@varve/client/maintenance";
import type { TextOutput } from "./output/text-output.js";

/** The workspace that is meant if none is named. */
export const DEFAULT_WORKSPACE = "default";

/** What every command works with. */
export interface BaseContext {
  /** Standard output: results, nothing else. */
  readonly out: TextOutput;
  /** Standard error: everything said about the work. */
  readonly err: TextOutput;
  /** Whether all output is to be JSON, also what is said of errors. */
  readonly json: boolean;
  /**
   * Takes over SIGINT and SIGTERM, so that the command can end in its own way:
   * the first of them aborts the signal. Without this call they end the process.
   */
  readonly takeInterrupts: () => AbortSignal;
}

/** What the command that runs a server works with. */
export interface ServeContext extends Omit<BaseContext, "json"> {
  readonly env: NodeJS.ProcessEnv;
}

/** What a command works with that talks to a server. */
export interface CommandContext extends BaseContext {
  readonly client: EventStoreClient;
  /** The name of the workspace that the client works in. */
  readonly workspace: string;
  readonly input: Readable;
  /** True if results are for a person: standard output is a terminal, and not `--json`. */
  readonly isTerminal: boolean;
}

/** What a command works with that looks after a server. */
export interface MaintenanceContext extends BaseContext {
  readonly client: MaintenanceClient;
  /** See `CommandContext`. */
  readonly isTerminal: boolean;
}

/** What a command works with that needs no server. */
export interface LocalContext extends BaseContext {
  readonly input: Readable;
  readonly env: NodeJS.ProcessEnv;
  /** See `CommandContext`. */
  readonly isTerminal: boolean;
}
