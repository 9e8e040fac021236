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
  const compared = { actual, expected, operator: "deepStrictEqual" };
  // Without a message, the error makes one that shows the difference line by line.
  const { message: diff } = new AssertionError(compared);
  return placed(new AssertionError({ ...compared, message: `${headline}\n\n${diff}` }), site);
}

function placed(error: AssertionError, site: CallSite, cause?: unknown): AssertionError {
  const frames = site.stack?.replace(/^.*\n/, "") ?? "";
  error.stack = `${error.name} [${error.code}]: ${error.message}\n${frames}`;
  if (cause !== undefined) error.cause = cause;
  return error;
}
