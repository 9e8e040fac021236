/** The server cannot start. The message is a sentence for the user. */
export class StartupError extends Error {
  override readonly name = "StartupError";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}
