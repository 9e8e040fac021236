import { setTimeout as sleep } from "node:timers/promises";
import { Direction } from "@varve/proto";
import type { ReadOperation, ReadOutcome, SeenEvent } from "../history.ts";
import type { Random } from "../random.ts";
import { anyClauses } from "./clauses.ts";
import type { LoadContext } from "./context.ts";
import { fromThrown } from "./failure.ts";
import { anyStream } from "./names.ts";
import { toSeen } from "./seen-event.ts";

/** What is asked for. */
type Query = Pick<ReadOperation, "stream" | "filter" | "from" | "backwards">;

const PAUSE_MS_MAX = 20;
/** A replay that does not begin at the first position begins so far before the head, at most. */
const REPLAYED_MAX = 500;

/** Reads streams, and replays the log, one after the other, until the signal aborts. */
export async function readOn(context: LoadContext, random: Random): Promise<void> {
  const { signal, connection, recorder } = context;
  while (!signal.aborted) {
    const operation = await readOnce(context, nextQuery(context, random));
    recorder.read(operation);
    if (operation.outcome.case === "failed") await connection.up(signal);
    await sleep(random.integer(0, PAUSE_MS_MAX));
  }
}

function nextQuery({ client, recorder: { knowledge } }: LoadContext, random: Random): Query {
  const backwards = random.chance(0.3);
  if (random.chance(0.75)) {
    const stream = knowledge.knownStream(random) ?? anyStream(random, client);
    const last = knowledge.revisionOf(stream) ?? 0;
    const from = random.chance(0.3) ? random.integer(0, last + 1) : undefined;
    return { stream, backwards, filter: filterOrNone(random, 0.2), from };
  }
  const filter = filterOrNone(random, 0.5);
  const back = random.integer(0, REPLAYED_MAX);
  // A whole log is much to compare if nothing is filtered out.
  const whole = random.chance(filter ? 0.5 : 0.1);
  const from = whole ? undefined : Math.max(1, knowledge.headMax - back);
  return { stream: undefined, backwards, filter, from };
}

function filterOrNone(random: Random, probability: number): Query["filter"] {
  return random.chance(probability) ? anyClauses(random) : undefined;
}

async function readOnce(context: LoadContext, query: Query): Promise<ReadOperation> {
  const startedMs = performance.now();
  const events: SeenEvent[] = [];
  const outcome = await answerOf(context, query, events).catch((error: unknown): ReadOutcome => {
    return { case: "failed", reason: fromThrown(error).reason, events };
  });
  return { client: context.client, startedMs, endedMs: performance.now(), ...query, outcome };
}

async function answerOf(
  { connection, timeoutMs }: LoadContext,
  query: Query,
  events: SeenEvent[],
): Promise<ReadOutcome> {
  let head: number | undefined;
  let lastRevision: number | undefined;
  for await (const { frame } of framesOf(connection.client, query, timeoutMs)) {
    if (frame.case === "header") {
      head = Number(frame.value.head);
      if ("lastRevision" in frame.value && frame.value.lastRevision !== undefined) {
        lastRevision = Number(frame.value.lastRevision);
      }
    }
    if (frame.case === "events") for (const event of frame.value.events) events.push(toSeen(event));
  }
  if (head === undefined) throw new Error("the answer has no header");
  return { case: "answered", head, lastRevision, events };
}

function framesOf(
  client: LoadContext["connection"]["client"],
  { stream, filter, from, backwards }: Query,
  timeoutMs: number,
): ReturnType<typeof client.read> | ReturnType<typeof client.replay> {
  const shared = {
    direction: backwards ? Direction.BACKWARDS : Direction.FORWARDS,
    ...(filter && { filter: { anyOf: [...filter] } }),
  };
  if (stream === undefined) {
    const fromPosition = from === undefined ? undefined : BigInt(from);
    return client.replay({ ...shared, ...(fromPosition && { fromPosition }) }, { timeoutMs });
  }
  const fromRevision = from === undefined ? {} : { fromRevision: BigInt(from) };
  return client.read({ ...shared, stream, ...fromRevision }, { timeoutMs });
}
