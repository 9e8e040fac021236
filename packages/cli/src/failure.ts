import {
  ConditionFailedError,
  InvalidRequestError,
  TimeoutError,
  UnreachableError,
  VarveError,
} from "@varve/client";
import { CommandFailure, type ExitStatus, exitStatus } from "./exit.js";
import { type FieldWords, inWordsOf, optionWords } from "./words.js";

/** What is told of an error, and the status to exit with. */
export interface Failure {
  readonly status: ExitStatus;
  /** A sentence, or several. */
  readonly message: string;
  /** Canonical gRPC name. */
  readonly code: string;
  readonly reason: string;
  /** What belongs to the reason. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Puts an error into words, whether the server, the connection or the command raised it.
 * Fields of a request are called what they are to whoever caused it.
 */
export function describeFailure(error: unknown, words: FieldWords = optionWords): Failure {
  if (error instanceof CommandFailure) return error;
  const status = isUnreachable(error) ? exitStatus.unreachable : exitStatus.refused;
  if (error instanceof VarveError) {
    const { code, reason } = error;
    const message = asSentence(messageOf(error, words));
    return { status, message, code, reason, details: detailsOf(error) };
  }
  const message = asSentence(error instanceof Error ? error.message : String(error));
  return { status, message, code: "UNKNOWN", reason: "UNKNOWN", details: {} };
}

/** Nobody answers, nobody does in time, or it is somebody else. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof UnreachableError || error instanceof TimeoutError) return true;
  return error instanceof VarveError && error.reason === "WRONG_PEER";
}

/** The failure as one line of JSON. */
export function failureJson({ code, reason, message, details }: Failure): string {
  return JSON.stringify({ error: { code, reason, message, ...details } }, bigintAsText);
}

function messageOf(error: VarveError, words: FieldWords): string {
  if (!(error instanceof InvalidRequestError)) return error.message;
  const { fieldViolations } = error;
  if (fieldViolations.length === 0) return error.message;
  const faults = fieldViolations.map(({ field, description }) =>
    inWordsOf(words, field, description),
  );
  return [...new Set(faults)].join("; ");
}

function detailsOf(error: VarveError): Record<string, unknown> {
  if (error instanceof ConditionFailedError) {
    return { violations: error.violations, head: error.head };
  }
  if (error instanceof InvalidRequestError) return { fieldViolations: error.fieldViolations };
  return Object.keys(error.metadata).length === 0 ? {} : { metadata: error.metadata };
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function asSentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
