import { setTimeout as sleep } from "node:timers/promises";
import type { EventStoreClient } from "@varve/client";
import type { ReadOperation, ReadOutcome, SeenEvent } from "../history.ts";
import type { Random } from "../random.ts";
import type { ReasonName } from "../reasons.ts";
import { importSdk, seenBySdk } from "./sdk.ts";

const PAUSE_MS_MAX = 50;
const REPLAYED_MAX = 300;

export interface SdkReaderContext {
  readonly number: number;
  readonly client: EventStoreClient;
  readonly signal: AbortSignal;
  /** Streams that may be there. */
  readonly streams: readonly string[];
  readonly reads: ReadOperation[];
}

/** Reads streams and replays the end of the log, one after the other. */
export async function readBySdk(context: SdkReaderContext, random: Random): Promise<void> {
  while (!context.signal.aborted) {
    const operation = await readOnce(context, random);
    context.reads.push(operation);
    await sleep(random.integer(0, PAUSE_MS_MAX));
  }
}

async function readOnce(context: SdkReaderContext, random: Random): Promise<ReadOperation> {
  const { client, number, streams } = context;
  const stream = random.chance(0.8) ? random.pick(streams) : undefined;
  const startedMs = performance.now();
  const events: SeenEvent[] = [];
  const { from, outcome } = await (stream === undefined
    ? replayTail(client, events)
    : readStream(client, stream, events));
  const operation = { client: number, startedMs, endedMs: performance.now(), stream, outcome };
  return from === undefined ? operation : { ...operation, from };
}

interface Answer {
  readonly from?: number;
  readonly outcome: ReadOutcome;
}

async function readStream(
  client: EventStoreClient,
  stream: string,
  events: SeenEvent[],
): Promise<Answer> {
  try {
    const read = client.read(stream);
    const { head, lastRevision } = await read.header;
    for await (const event of read) events.push(seenBySdk(event));
    const last = lastRevision === undefined ? undefined : Number(lastRevision);
    return {
      outcome: { case: "answered", head: Number(head), lastRevision: last, events },
    };
  } catch (error) {
    return { outcome: { case: "failed", reason: await reasonOf(error), events } };
  }
}

async function replayTail(client: EventStoreClient, events: SeenEvent[]): Promise<Answer> {
  let from = 1;
  try {
    const { head: before } = await client.status();
    from = Math.max(1, Number(before) - REPLAYED_MAX);
    const replay = client.replay({ from });
    const { head } = await replay.header;
    for await (const event of replay) events.push(seenBySdk(event));
    return {
      from,
      outcome: { case: "answered", head: Number(head), lastRevision: undefined, events },
    };
  } catch (error) {
    return { from, outcome: { case: "failed", reason: await reasonOf(error), events } };
  }
}

/** A read that was cut in the middle is not begun anew by the SDK: its caller may. */
async function reasonOf(error: unknown): Promise<ReasonName> {
  const { VarveError } = await importSdk();
  if (!(error instanceof VarveError)) throw error;
  return error.reason === "UNREACHABLE" ? "CONNECTION_LOST" : (error.reason as ReasonName);
}
