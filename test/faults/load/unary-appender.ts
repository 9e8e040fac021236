import { setTimeout as sleep } from "node:timers/promises";
import type { AppendInit } from "../../src/support/requests.ts";
import type { AppendOutcome } from "../history.ts";
import type { Random } from "../random.ts";
import type { AppendMaker } from "./append-maker.ts";
import { outcomeOf, outcomeOfFailure } from "./append-outcome.ts";
import type { LoadContext } from "./context.ts";
import { fromThrown } from "./failure.ts";

/** A server that refuses everything is not asked in a busy loop. */
export const REFUSED_PAUSE_MS = 20;

/** Sends appends by `Append`, one after the other, until the signal aborts. */
export async function appendUnary(
  context: LoadContext,
  maker: AppendMaker,
  random: Random,
): Promise<void> {
  const { signal, connection } = context;
  while (!signal.aborted) {
    const outcome = await appendOnce(context, maker.next(), random);
    if (outcome.case === "unknown") await connection.up(signal);
    if (isPause(outcome)) await sleep(REFUSED_PAUSE_MS);
  }
}

export function isPause(outcome: AppendOutcome): boolean {
  return outcome.case === "refused" && outcome.reason !== "CONDITION_FAILED";
}

async function appendOnce(
  { client, connection, recorder, timeoutMs }: LoadContext,
  append: AppendInit,
  random: Random,
): Promise<AppendOutcome> {
  const startedMs = performance.now();
  const outcome = await connection.client
    .append(append, { timeoutMs })
    .then(outcomeOf, (error: unknown) => outcomeOfFailure(fromThrown(error)));
  recorder.append({ client, startedMs, endedMs: performance.now(), append, outcome }, random);
  return outcome;
}
