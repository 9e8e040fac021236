import { isDeepStrictEqual } from "node:util";
import {
  ConditionFailedError,
  type ConditionViolation,
  type EventStoreClient,
} from "@varve/client";
import { deepMatch } from "../scenario/deep-match.js";
import { countEvents, matchEvents } from "../scenario/event-expectation.js";
import type { AppendedEvent } from "../scenario/store.js";

/** What a matcher tells vitest. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** An event as it is expected in a stream: what is left out is not compared. */
export type StreamEvent = Pick<AppendedEvent, "type"> & Partial<Omit<AppendedEvent, "type">>;

/** Which part of a stream is looked at. */
export interface AppendedOptions {
  /** Only events after this revision (exclusive). Default: all of the stream. */
  readonly after?: bigint | number;
}

/** What is expected of a condition that did not hold: what is left out is not compared. */
export interface ExpectedViolation {
  /** Whose state the condition is about, or where the event that matched was found. */
  readonly stream?: string;
  readonly expected?: "no-stream" | "exists" | bigint | number;
  /** The stream's last revision; `undefined`, if given, for a stream without events. */
  readonly actual?: bigint | number | undefined;
  /** Type and position of the event that matched the query. */
  readonly type?: string;
  readonly position?: bigint | number;
}

/** Whether the stream has exactly these events, in order. */
export async function toHaveAppended(
  client: EventStoreClient,
  stream: string,
  expected: StreamEvent | readonly StreamEvent[],
  { after = -1n }: AppendedOptions = {},
): Promise<MatcherResult> {
  const events = Array.isArray(expected) ? expected : [expected];
  const found = await client.read(stream, { from: BigInt(after) + 1n }).toArray();
  const match = matchEvents(found, events);
  const wanted = `${countEvents(events)} in stream "${stream}"`;
  return {
    ...match,
    message: () =>
      match.pass
        ? `Expected other events than the ${wanted}`
        : `Expected ${wanted}, found ${countEvents(found)} or others`,
  };
}

/** Whether the stream's last event has this revision. */
export async function toBeAtRevision(
  client: EventStoreClient,
  stream: string,
  expected: bigint | number | "no-stream",
): Promise<MatcherResult> {
  const wanted = typeof expected === "number" ? BigInt(expected) : expected;
  const actual = (await client.getStream(stream))?.lastRevision ?? "no-stream";
  const pass = actual === wanted;
  const not = pass ? "not " : "";
  return {
    pass,
    actual,
    expected: wanted,
    message: () =>
      `Expected stream "${stream}" ${not}to be ${place(wanted)}, it is ${place(actual)}`,
  };
}

/** Whether an error is that of conditions which did not hold, one of them like this. */
export function toBeConditionFailure(
  error: unknown,
  expected: ExpectedViolation = {},
): MatcherResult {
  if (!(error instanceof ConditionFailedError)) {
    const message = (): string => `Expected a ConditionFailedError, got ${String(error)}`;
    return { pass: false, message };
  }
  const wanted = normalize(expected);
  const found = error.violations.map((violation) => pick(violation, Object.keys(wanted)));
  const pass = found.some((violation) => isDeepStrictEqual(violation, wanted));
  const [closest = {}] = found;
  return {
    pass,
    ...(!pass && { actual: closest, expected: deepMatch(closest, wanted).expected }),
    message: () => `Expected ${pass ? "no such" : "another"} condition to fail: ${error.message}`,
  };
}

function place(revision: bigint | "no-stream"): string {
  return revision === "no-stream" ? "without events" : `at revision ${revision}`;
}

/** Revisions and positions may be given as numbers. */
function normalize(expected: ExpectedViolation): Record<string, unknown> {
  const fields = Object.entries(expected);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === "number" ? BigInt(value) : value]),
  );
}

function pick(violation: ConditionViolation, names: readonly string[]): Record<string, unknown> {
  const fields: Readonly<Record<string, unknown>> = { ...violation };
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
