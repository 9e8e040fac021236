import { destination, type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { LogLevel } from "./settings.js";

const STDERR = 2;

/** Logs to standard error: JSON lines, or readable text if that is a terminal. */
export function createLogger(level: LogLevel): Logger {
  const options = { level, base: null };
  return process.stderr.isTTY
    ? pino(options, pretty({ destination: STDERR, sync: true }))
    : pino(options, destination({ fd: STDERR, sync: true }));
}
