/** What the command's exit status tells a script. */
export const exitStatus = {
  done: 0,
  /** The server refused: a conflict, not found, invalid. For `verify`: something is damaged. */
  refused: 1,
  /** Wrong use: the command line or the input is at fault. */
  usage: 2,
  /** The server cannot be reached, does not answer, or is none. For `verify`: the data cannot be read. */
  unreachable: 3,
  /** Ended early by SIGINT or SIGTERM, as shells count it. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** A command that ends without success, for a reason that the command itself found. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly status: ExitStatus;
  /** Canonical gRPC name, as of the server's own errors. */
  readonly code: string;
  readonly reason: string;
  /** Further members of the error object that `--json` prints. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: CommandFailureOptions) {
    super(message);
    this.status = options.status;
    this.code = options.code;
    this.reason = options.reason;
    this.details = options.details ?? {};
  }
}

export interface CommandFailureOptions {
  readonly status: ExitStatus;
  readonly code: string;
  readonly reason: string;
  /** Default: none. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Wrong use that shows only when the command runs, such as a file that is missing. */
export function wrongUse(message: string): CommandFailure {
  return new CommandFailure(message, {
    status: exitStatus.usage,
    code: "INVALID_ARGUMENT",
    reason: "WRONG_USE",
  });
}

/** A stream that has no event, or had none at the time asked for. `head`: that of the workspace. */
export function streamNotFound(stream: string, asOf?: Date, head?: bigint): CommandFailure {
  const when = asOf === undefined ? "does not exist" : `did not exist at ${asOf.toISOString()}`;
  // Also what a mistyped name of a workspace looks like.
  const where = head === 0n ? "; nothing was ever appended to this workspace" : "";
  return new CommandFailure(`The stream ${JSON.stringify(stream)} ${when}${where}.`, {
    status: exitStatus.refused,
    code: "NOT_FOUND",
    reason: "STREAM_NOT_FOUND",
    details: { stream },
  });
}
