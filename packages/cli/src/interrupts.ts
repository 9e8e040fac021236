import { exitStatus } from "./exit.js";

/**
 * npm hands on a Ctrl-C that its child received from the terminal already, so
 * that one Ctrl-C arrives twice. No person presses it twice in this time.
 */
const echoTimeMs = 250;

/** The part of `process` that interrupts go through. */
export interface InterruptSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(status: number): void;
}

/**
 * Takes over SIGINT and SIGTERM: the first aborts the signal that is returned,
 * a second one ends the process at once with status 130.
 */
export function takeInterrupts(
  source: InterruptSource,
  nowMs: () => number = () => performance.now(),
): AbortSignal {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  const interrupt = () => {
    firstAtMs ??= nowMs();
    if (!controller.signal.aborted) controller.abort();
    else if (nowMs() - firstAtMs >= echoTimeMs) source.exit(exitStatus.interrupted);
  };
  source.on("SIGINT", interrupt);
  source.on("SIGTERM", interrupt);
  return controller.signal;
}
