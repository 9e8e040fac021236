import { AssertionError } from "node:assert";
import type { Match } from "./deep-match.js";

/** Where a test called, for errors that are made after the call has returned. */
export interface CallSite {
  readonly stack?: string;
}

/** The place from which a function was called. */
export function callSite(called: (...args: never[]) => unknown): CallSite {
  const site = new Error();
  Error.captureStackTrace(site, called);
  return site;
}

/** An expectation that does not hold, told in a sentence. */
export function failure(message: string, site: CallSite, cause?: unknown): AssertionError {
  return placed(new AssertionError({ message, operator: "fail" }), site, cause);
}

/** An expectation that does not hold, with what differs. */
export function difference(headline: string, match: Match, site: CallSite): AssertionError {
  const { actual, expected } = match;
  // Without a message, the error makes one that shows the difference line by line.
  const error = new AssertionError({ actual, expected, operator: "deepStrictEqual" });
  error.message = `${headline}\n\n${error.message}`;
  error.generatedMessage = false;
  return placed(error, site);
}

function placed(error: AssertionError, site: CallSite, cause?: unknown): AssertionError {
  const frames = site.stack?.replace(/^.*\n/, "") ?? "";
  error.stack = `${error.name} [${error.code}]: ${error.message}\n${frames}`;
  if (cause !== undefined) error.cause = cause;
  // How Node would show the difference: vitest takes it for the difference.
  Reflect.deleteProperty(error, "diff");
  return error;
}
