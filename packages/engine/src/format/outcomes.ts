import { varintSize, writeVarint } from "./varint.js";

/** How one append of an `AppendStream` call ended. */
export interface Outcome {
  /** The varint as it was sent. */
  readonly correlation: Uint8Array;
  readonly field: OutcomeField;
  /** An encoded `AppendResponse` or `Failure`. */
  readonly value: Uint8Array;
}

// Tags of the fields of `CorrelatedOutcome`, and of `AppendStreamResponse.outcomes`.
const CORRELATION = 0x08;
export const OutcomeField = { success: 0x12, failure: 0x1a } as const;
export type OutcomeField = (typeof OutcomeField)[keyof typeof OutcomeField];
const OUTCOMES = 0x0a;

/** Bytes of one element of `AppendStreamResponse.outcomes`. */
export function outcomeSize(outcome: Outcome): number {
  const size = messageSize(outcome);
  return 1 + varintSize(size) + size;
}

/** An encoded `AppendStreamResponse`. */
export function encodeOutcomes(outcomes: readonly Outcome[]): Buffer {
  let size = 0;
  for (const outcome of outcomes) size += outcomeSize(outcome);
  const target = Buffer.allocUnsafe(size);
  let at = 0;
  for (const outcome of outcomes) at = writeOutcome(target, at, outcome);
  return target;
}

function messageSize({ correlation, value }: Outcome): number {
  return 2 + correlation.length + varintSize(value.length) + value.length;
}

function writeOutcome(target: Buffer, start: number, outcome: Outcome): number {
  const { correlation, field, value } = outcome;
  target[start] = OUTCOMES;
  let at = writeVarint(target, start + 1, messageSize(outcome));
  target[at++] = CORRELATION;
  target.set(correlation, at);
  at += correlation.length;
  target[at++] = field;
  at = writeVarint(target, at, value.length);
  target.set(value, at);
  return at + value.length;
}
